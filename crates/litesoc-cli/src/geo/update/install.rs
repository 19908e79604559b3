//! Putting a fetched file in place: unpacked, checked, and in one step.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use litesoc_enrich::{Enricher, Source};
use tempfile::{Builder, NamedTempFile};

use super::fetch::Fetcher;
use super::plan::{Checksum, Plan, Wanted, digest};

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Installed {
    /// It is in place, with so many networks.
    New { networks: u64 },
    /// It is what was there before.
    Unchanged { networks: u64 },
}

/// Fetches a file, checks it and puts it in the place of the old one; whatever fails, the old one stays.
pub(super) fn install(
    plan: &Plan,
    wanted: &Wanted,
    fetcher: &Fetcher,
    progress: impl FnMut(u64),
) -> Result<Installed, String> {
    let stored = |error: io::Error| format!("{}: {error}", plan.folder.display());
    let expected = match &wanted.checksum {
        Checksum::Known(digest) => Some(*digest),
        Checksum::At(address) => {
            let text = fetcher.text(address)?;
            let first = text.split_whitespace().next().and_then(digest);
            Some(first.ok_or_else(|| format!("{address} does not begin with a SHA-256 in hexadecimal"))?)
        }
        Checksum::Waived => None,
    };
    let mut file = temporary(&plan.folder).map_err(stored)?;
    let fetched = fetcher.to_file(&wanted.address, file.as_file_mut(), progress)?;
    if let Some(expected) = expected.filter(|expected| *expected != fetched.sha256) {
        return Err(format!(
            "{} has the SHA-256 {} and should have {}",
            wanted.address,
            hexadecimal(&fetched.sha256),
            hexadecimal(&expected)
        ));
    }
    if fetched.bytes == 0 {
        return Err(format!("{} is empty", wanted.address));
    }
    file.as_file_mut().seek(SeekFrom::Start(0)).map_err(stored)?;
    if wanted.address.is_packed() {
        file = unpacked(plan, wanted, file.as_file_mut())?;
    }
    let content = read(file.as_file_mut()).map_err(stored)?;
    let place = plan.folder.join(&wanted.name);
    let unchanged = fs::read(&place).is_ok_and(|before| before == content);
    let source = Source::new(&*wanted.name, wanted.kind, content);
    let enricher =
        Enricher::open([source]).map_err(|error| format!("what was fetched cannot be used: {error}"))?;
    let networks = enricher.status().files.iter().map(|file| file.networks).sum();
    if unchanged {
        return Ok(Installed::Unchanged { networks });
    }
    put(file, &place).map_err(stored)?;
    Ok(Installed::New { networks })
}

/// In the same folder, so that it can take the place of the old file in one step; hidden, so that nobody reads it before.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    fs::create_dir_all(folder)?;
    Builder::new().prefix(".fetched-").tempfile_in(folder)
}

fn unpacked(plan: &Plan, wanted: &Wanted, packed: &mut File) -> Result<NamedTempFile, String> {
    let stored = |error: io::Error| format!("{}: {error}", plan.folder.display());
    let mut file = temporary(&plan.folder).map_err(stored)?;
    // One byte more than may be, to tell a file that is too long from one that just fits.
    let mut content = MultiGzDecoder::new(io::BufReader::new(packed)).take(plan.limit + 1);
    let mut buffer = vec![0; 64 << 10];
    let mut length = 0_u64;
    loop {
        let read = content.read(&mut buffer);
        let read = read.map_err(|error| format!("{} cannot be unpacked: {error}", wanted.address))?;
        if read == 0 {
            break;
        }
        length += read as u64;
        if length > plan.limit {
            let limit = plan.limit;
            return Err(format!(
                "{} is longer than {limit} bytes unpacked, which is the limit",
                wanted.address
            ));
        }
        file.write_all(&buffer[..read]).map_err(stored)?;
    }
    file.as_file_mut().seek(SeekFrom::Start(0)).map_err(stored)?;
    Ok(file)
}

fn read(file: &mut File) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.read_to_end(&mut content)?;
    Ok(content)
}

/// On the disk first, then in place, then the name on the disk too.
fn put(file: NamedTempFile, place: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        // Temporary files are for their maker's eyes; the server may run as somebody else.
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    file.persist(place).map_err(|error| error.error)?;
    #[cfg(unix)]
    if let Some(folder) = place.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn hexadecimal(digest: &[u8]) -> String {
    use std::fmt::Write as _;

    digest.iter().fold(String::new(), |mut text, byte| {
        let _always = write!(text, "{byte:02x}");
        text
    })
}
