//! Files of results: offered under an address that nobody can guess, written when it is asked for.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use litesoc_ledger::Hash;
use litesoc_ledger::canonical::Value;
use litesoc_ledger::envelope::EnvelopeView;
use litesoc_ledger::ptree::MembershipProof;
use litesoc_ledger::time::Moment;
use litesoc_tlog::{Body, RequestId};
use serde::{Deserialize, Serialize};

use crate::answer;
use crate::identity::{is_id, new_token};
use crate::ingest::bulk_result;
use crate::log::AuditLog;
use crate::refused::Refused;
use crate::request::{DownloadRequest, FileFormat, SearchRequest};
use crate::results::Kept;
use crate::service::AuditService;

/// How long an address of a file holds: a day, in microseconds.
const OFFERED_FOR: i64 = 86_400 * 1_000_000;

/// An offer as it is kept, under the hash of its token: who reads the folder cannot fetch the files.
#[derive(Debug, Serialize, Deserialize)]
struct KeptOffer {
    config: String,
    result: String,
    format: FileFormat,
    expires: i64,
}

/// A file that can be fetched for a day by whoever has its address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// What stands in the address: the secret.
    pub token: String,
    /// The last part of the address, which clients take for the name of the file.
    pub name: String,
    /// Until when.
    pub expires_at: Moment,
}

/// A file that is being fetched.
#[derive(Debug)]
pub struct Download {
    log: Arc<AuditLog>,
    id: String,
    kept: Kept,
    format: FileFormat,
}

impl AuditService {
    /// Offers a file of the results of a search or an export.
    ///
    /// # Errors
    ///
    /// [`Refused`]: they are unknown, have expired, or had another restriction.
    pub fn offer(&self, log: &AuditLog, request: &DownloadRequest) -> Result<Offer, Refused> {
        let now = (log.clock())();
        log.kept(&request.id, request.assert_restriction.as_ref())?;
        let expires = now.as_micros().saturating_add(OFFERED_FOR);
        let offer = KeptOffer {
            config: log.configuration().id.to_string(),
            result: request.id.clone(),
            format: request.format,
            expires,
        };
        let token = new_token();
        let written = serde_json::to_vec(&offer).map_err(io::Error::other).and_then(|bytes| {
            fs::create_dir_all(self.downloads())?;
            self.forget_downloads(now)?;
            fs::write(self.download(&token), bytes)
        });
        written.map_err(|error| Refused::Unavailable(format!("a file cannot be offered: {error}")))?;
        let name = file_name(&request.id, request.format);
        Ok(Offer { token, name, expires_at: Moment::from_micros(expires).unwrap_or(now) })
    }

    /// The file behind an address; `None` for one that was never given out, was changed, or has expired.
    #[must_use]
    pub fn fetch(&self, token: &str, name: &str) -> Option<Download> {
        if !is_id(token, "") {
            return None;
        }
        let offer: KeptOffer = serde_json::from_slice(&fs::read(self.download(token)).ok()?).ok()?;
        let log = self.logs().into_iter().find(|log| log.configuration().id.as_str() == offer.config)?;
        let now = (log.clock())();
        if now.as_micros() >= offer.expires || name != file_name(&offer.result, offer.format) {
            return None;
        }
        let kept = log.results().get(&offer.result, now)?;
        Some(Download { log, id: offer.result, kept, format: offer.format })
    }

    /// The result of an earlier call of an organisation, found in its logs: what was written after it was accepted, or an
    /// export that is ready.
    #[must_use]
    pub fn earlier(&self, organization: &str, request: &str) -> Option<String> {
        if !is_id(request, "prq_") {
            return None;
        }
        let id = RequestId::new(request)?;
        let own = self.logs().into_iter().filter(|log| log.configuration().organization == organization);
        own.into_iter().find_map(|log| {
            if let Some(first) = log.records().committed(id) {
                return Some(bulk_result(&log.records_of(id, first, 1_000).ok()?, false));
            }
            log.results().get(request, (log.clock())()).map(|_| "{}".to_owned())
        })
    }

    fn downloads(&self) -> PathBuf {
        self.folder().join("downloads")
    }

    fn download(&self, token: &str) -> PathBuf {
        self.downloads().join(Hash::of(token.as_bytes()).to_string())
    }

    /// Removes offers that have expired, now and then.
    fn forget_downloads(&self, now: Moment) -> io::Result<()> {
        if !self.is_time_to_tidy() {
            return Ok(());
        }
        for entry in fs::read_dir(self.downloads())? {
            let path = entry?.path();
            let offer =
                fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<KeptOffer>(&bytes).ok());
            if offer.is_none_or(|offer| now.as_micros() >= offer.expires) {
                let _gone_already = fs::remove_file(path);
            }
        }
        Ok(())
    }
}

fn file_name(id: &str, format: FileFormat) -> String {
    format!("search_results_{id}.{}", format.extension())
}

impl AuditLog {
    /// Finds the records of an export and keeps their places under the id of its request.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn export(&self, request: &SearchRequest, id: &str) -> Result<(), Refused> {
        let now = (self.clock())();
        let kept = self.search(request, now)?;
        let failed = |error: io::Error| Refused::Unavailable(format!("the export cannot be kept: {error}"));
        self.results().keep(id, &kept, now).map_err(failed)
    }
}

impl Download {
    /// Its media type.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        match self.format {
            FileFormat::Csv => "text/csv; charset=utf-8",
            FileFormat::Json => "application/json",
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        file_name(&self.id, self.format)
    }

    /// Writes the file, compressed if that is wanted.
    ///
    /// `base` is the address under which the server is reached.
    ///
    /// # Errors
    ///
    /// The log cannot be read, or the reader has gone.
    pub fn write(&self, base: &str, gzip: bool, out: impl Write) -> io::Result<()> {
        if !gzip {
            return self.write_plain(base, out);
        }
        let mut packed = GzEncoder::new(out, Compression::fast());
        self.write_plain(base, &mut packed)?;
        packed.finish()?.flush()
    }

    fn write_plain(&self, base: &str, mut out: impl Write) -> io::Result<()> {
        match self.format {
            FileFormat::Csv => self.write_csv(&mut out)?,
            FileFormat::Json => self.write_json(base, &mut out)?,
        }
        out.flush()
    }

    /// The form that the vendor's verifiers read: one line, ascending places.
    fn write_json(&self, base: &str, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{{\"request_id\":\"{}\",\"result\":{{\"events\":[", self.id)?;
        let mut places = self.kept.found.page(0, u64::MAX);
        places.sort_unstable();
        let mut count = 0_u64;
        let mut text = String::new();
        for index in places {
            text.clear();
            if count > 0 {
                text.push(',');
            }
            if self.log.push_event(index, &self.kept, &mut text).map_err(io::Error::other)? {
                count += 1;
                out.write_all(text.as_bytes())?;
            }
        }
        text.clear();
        self.log.push_roots(&self.kept, base, &mut text).map_err(io::Error::other)?;
        writeln!(out, "],\"count\":{count}{text}}}}}")
    }

    fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        let fields: Vec<_> = self.log.schema().fields.iter().map(|field| field.id.as_str()).collect();
        let behind = ["hash", "leaf_index", "published", "membership_proof", "signature", "public_key"];
        csv.write_record([&["received_at"], fields.as_slice(), &behind].concat())?;
        for index in self.kept.found.page(0, u64::MAX) {
            if let Some(row) = self.row(index, &fields)? {
                csv.write_record(row)?;
            }
        }
        csv.flush()
    }

    /// The cells of a record; nothing of one that was erased.
    fn row(&self, index: u64, fields: &[&str]) -> io::Result<Option<Vec<String>>> {
        let record = self.log.records().record(index).map_err(io::Error::other)?;
        let Body::Envelope(bytes) = record.body else { return Ok(None) };
        let view = EnvelopeView::read(&bytes).map_err(io::Error::other)?;
        let event = Value::parse(view.event.as_bytes()).map_err(io::Error::other)?;
        let cell = |field: &&str| match event.get(field) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_canonical(),
        };
        let published = self.kept.published.filter(|size| index < *size);
        let proof = if self.kept.verbose {
            let size = published.unwrap_or(self.kept.size);
            let proof = MembershipProof::build(self.log.records().pangea(), index, size);
            proof.map_err(io::Error::other)?.to_string()
        } else {
            String::new()
        };
        let (signature, key) = view.signature.clone().unwrap_or_default();
        let mut row = vec![view.received_at.to_string()];
        row.extend(fields.iter().map(cell));
        row.push(view.leaf_hash().to_string());
        row.push(published.map(|_| index.to_string()).unwrap_or_default());
        row.push(published.is_some().to_string());
        row.extend([proof, signature.into_owned(), key.into_owned()]);
        Ok(Some(row))
    }
}

/// The result of `/v1/download_results` as JSON.
#[must_use]
pub fn download_result(offer: &Offer, base: &str) -> String {
    let mut out = String::from("{\"dest_url\":");
    let url = format!("{base}/audit/download/{}/{}", offer.token, offer.name);
    litesoc_ledger::canonical::push_string(&url, &mut out);
    answer::time_member("expires_at", offer.expires_at, &mut out);
    out.push('}');
    out
}
