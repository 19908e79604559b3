"""The vendor's Python SDK, unchanged, against a server of ours. Usage: pangea.py URL KEY"""

import base64
import concurrent.futures
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import pangea
import pangea.exceptions as pe
import pangea.services.audit.util as util
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pangea.config import PangeaConfig
from pangea.services import Audit

BASE, KEY = sys.argv[1], sys.argv[2]
VERSION = tuple(int(part) for part in pangea.__version__.split("."))
util.ARWEAVE_BASE_URL = BASE + "/arweave"
FOLDER = pathlib.Path(tempfile.mkdtemp())
done = 0


def check(what, holds, seen=None):
    global done
    if not holds:
        print(f"FAILED: {what}: {seen}")
        sys.exit(1)
    done += 1


def refused(what, exception, call):
    try:
        seen = call()
    except exception:
        check(what, True)
        return
    check(what, False, seen)


def config():
    if VERSION >= (6, 0, 0):
        return PangeaConfig(base_url_template=BASE)
    return PangeaConfig(domain=BASE)


def client(**options):
    return Audit(KEY, config=config(), **options)


def key_file():
    key = Ed25519PrivateKey.generate()
    path = FOLDER / "key.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(path)


def wait_published(audit, size):
    for _ in range(100):
        try:
            if audit.root().result.data.size >= size:
                return
        except pe.TreeNotFoundException:
            pass
        time.sleep(0.1)
    check(f"{size} records are published within ten seconds", False)


def verdicts(result):
    return tuple(
        str(getattr(v, "value", v))
        for v in (
            result.membership_verification,
            result.consistency_verification,
            result.signature_verification,
        )
    )


def logging():
    audit = client()
    first = audit.log("first", verify=True).result
    second = audit.log("second", verify=True).result
    check("the first verified log", verdicts(first)[:2] == ("pass", "none"), verdicts(first))
    check("the second verified log", verdicts(second)[:2] == ("pass", "pass"), verdicts(second))
    odd = audit.log(message={"ä": "\u2028 €😀", "b": [1, None]}, new={"k": 1}, verify=True).result
    check("objects and letters from everywhere", verdicts(odd)[:2] == ("pass", "pass"), verdicts(odd))
    check("a hash alone", len(audit.log("short").result.hash) == 64)
    refused("an empty event", pe.ValidationException, lambda: audit.log_event({}))
    refused("a field too long", pe.ValidationException, lambda: audit.log("m", action="x" * 33))
    stranger = Audit("not a key", config=config())
    refused("an unknown token", pe.UnauthorizedException, lambda: stranger.log("m"))


def signing():
    audit = client(private_key_file=key_file(), public_key_info={"owner": "acceptance"})
    signed = audit.log("signed", verify=True, sign_local=True).result
    check("a signed log", verdicts(signed) == ("pass", "none", "pass"), verdicts(signed))
    zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    for at in (
        datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc),
        datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=datetime.timezone.utc),
        datetime.datetime(2024, 5, 6, 7, 8, 9, 120000, tzinfo=zone),
        datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=zone),
    ):
        result = audit.log("when", timestamp=at, verify=True, sign_local=True).result
        check(f"a signed time {at}", verdicts(result)[2] == "pass", verdicts(result))


def bulk():
    audit = client(private_key_file=key_file())
    events = [{"message": f"bulk {n}"} for n in range(50)]
    results = audit.log_bulk(events, sign_local=True, verbose=True).result.results
    check("verdicts of a bulk", {verdicts(r)[::2] for r in results} == {("none", "pass")})
    names = [r.envelope.event["message"] for r in results]
    check("the order of a bulk", names == [e["message"] for e in events], names)
    before = count(audit, "toomany")
    refused("1,001 events", pe.ValidationException, lambda: audit.log_bulk([{"message": "toomany"}] * 1001))
    bad = [{"message": "toomany"}, {"message": "toomany", "action": "x" * 33}]
    refused("one bad event", pe.ValidationException, lambda: audit.log_bulk(bad))
    check("nothing of a refused bulk is stored", count(audit, "toomany") == before == 0)


def count(audit, query):
    return audit.search(query).result.count


def later():
    audit = Audit(KEY, config=config())
    audit.config.queued_retry_enabled = False
    accepted = audit.log_bulk_async([{"message": "later 1"}, {"message": "later 2"}], verbose=True)
    check("an asynchronous bulk is accepted", (accepted.http_status, accepted.result) == (202, None))
    for _ in range(50):
        try:
            polled = audit.poll_result(response=accepted)
            break
        except pe.AcceptedRequestException:
            time.sleep(0.1)
    check("and comes to an end", len(polled.result.results) == 2, polled)
    refused("an unknown request", pe.NotFound, lambda: audit.poll_result(request_id="prq_" + "a" * 32))


def searching():
    audit = client()
    wait_published(audit, 1)
    audit.log("to be found", actor="searcher")
    wait_published(audit, audit.root().result.data.size + 1)
    for base in ("/arweave", "/nowhere"):
        util.ARWEAVE_BASE_URL = BASE + base
        found = client().search("", verify_consistency=True, verify_events=True, limit=50).result
        published = [e for e in found.events if e.published]
        seen = {(str(e.membership_verification.value), str(e.consistency_verification.value)) for e in published}
        check(f"published events, roots from {base}", published and seen == {("pass", "pass")}, seen)
    util.ARWEAVE_BASE_URL = BASE + "/arweave"
    audit.log("the newest")
    newest = audit.search("", verify_consistency=True, limit=1).result.events[0]
    if not newest.published:
        check("an unpublished event", str(newest.membership_verification.value) == "pass", newest)
        check("and no consistency yet", str(newest.consistency_verification.value) == "none", newest)
    for query, least in (("actor:searcher", 1), ('message:"to be found" AND actor=searcher', 1), ("nosuchthing", 0)):
        found = audit.search(query).result
        check(f"search {query}", found.count >= least and (least or found.count == 0), found.count)
    refused("a broken query", pe.ValidationException, lambda: audit.search("((("))


def pages():
    audit = client()
    mark = f"page{time.time_ns()}"
    for start in range(0, 60, 30):
        audit.log_bulk([{"message": f"{mark} {n}"} for n in range(start, start + 30)])
    restriction = {"actor": ["nobody"]}
    found = audit.search(mark, limit=10, order="asc").result
    audit.log(f"{mark} afterwards")
    seen = [e.envelope.event["message"] for e in found.events]
    for offset in range(10, 60, 25):
        page = audit.results(found.id, limit=25, offset=offset).result
        check("the count stays", page.count == 60, page.count)
        seen += [e.envelope.event["message"] for e in page.events]
    check("all pages together", seen == [f"{mark} {n}" for n in range(60)], seen)
    check("the page at the end", audit.results(found.id, offset=60).result.events == [])
    refused("behind the end", pe.BadOffsetException, lambda: audit.results(found.id, offset=61))
    refused(
        "another restriction",
        pe.ValidationException,
        lambda: audit.results(found.id, assert_search_restriction=restriction),
    )
    restricted = audit.search(mark, search_restriction=restriction).result
    check("a restriction restricts", restricted.count == 0, restricted.count)
    audit.results(restricted.id, assert_search_restriction=restriction)
    refused("unknown results", pe.NotFound, lambda: audit.results("pas_" + "a" * 32))


def roots():
    audit = client()
    size = audit.root().result.data.size
    check("the first root", audit.root(1).result.data.size == 1)
    check("the newest root", audit.root(size).result.data.root_hash != audit.root(1).result.data.root_hash)
    refused("a root to come", pe.TreeNotFoundException, lambda: audit.root(size + 1_000_000))
    refused("no root", pe.PangeaAPIException, lambda: audit.root(0) if VERSION < (3, 8, 0) else audit.root(-1))


def downloads():
    from pangea.services.audit.models import DownloadFormat

    audit = client()
    wait_published(audit, audit.log("to be fetched", verify=True) and 2)
    time.sleep(1.5)
    found = audit.search("", limit=5).result
    files = {}
    for form in (DownloadFormat.CSV, DownloadFormat.JSON):
        url = audit.download_results(result_id=found.id, format=form).result.dest_url
        files[form] = audit.download_file(url)
        check(f"the name of a {form.value}", files[form].filename.endswith(form.value), files[form].filename)
    rows = files[DownloadFormat.CSV].file.decode().split("\r\n")
    check("the header of the table", rows[0].startswith("received_at,"), rows[0])
    parsed = json.loads(files[DownloadFormat.JSON].file)
    check("all events of the file", len(parsed["result"]["events"]) == found.count, found.count)
    verify_file(files[DownloadFormat.JSON].file)

    audit.config.queued_retry_enabled = False
    try:
        exported = audit.export(format=DownloadFormat.JSON, verbose=True)
    except pe.AcceptedRequestException as accepted:
        exported = accepted.response
    for _ in range(50):
        try:
            audit.poll_result(response=exported)
            break
        except pe.AcceptedRequestException:
            time.sleep(0.1)
    url = audit.download_results(request_id=exported.request_id, format=DownloadFormat.JSON).result.dest_url
    whole = json.loads(audit.download_file(url).file)["result"]
    check("an export holds everything", len(whole["events"]) >= found.count, len(whole["events"]))
    refused("a changed address", Exception, lambda: audit.download_file(url.replace("/download/", "/download/x")))


def verify_file(content):
    """The vendor's own verifiers over a downloaded file; one changed byte is seen by both."""
    deep = FOLDER / "deep.json"
    for name, data, good in (("good", content, True), ("bad", content.replace(b"to be fetched", b"to be forged!"), False)):
        deep.write_bytes(data)
        run = lambda module: subprocess.run(
            [sys.executable, "-c", PATCHED.format(base=BASE, module=module), *ARGUMENTS[module](deep)],
            capture_output=True,
            text=True,
            env={**os.environ, "PANGEA_TOKEN": KEY, "PANGEA_DOMAIN": BASE},
        )
        for module in ARGUMENTS:
            ran = run(module)
            text = ran.stdout + ran.stderr
            check(f"{module} of the {name} file", VERDICTS[module](text) == good, text[-2000:])


# The tools take a domain for `https://audit.<domain>`; they are pointed at the server as their library is.
PATCHED = """
import runpy, sys
import pangea.services.audit.util as util
util.ARWEAVE_BASE_URL = "{base}/arweave"
import pangea.config
known = pangea.config.PangeaConfig
if hasattr(known, "base_url_template") or "base_url_template" in getattr(known, "model_fields", {{}}):
    pangea.config.PangeaConfig = lambda **options: known(base_url_template="{base}")
else:
    pangea.config.PangeaConfig = lambda **options: known(domain="{base}")
sys.argv[0] = "{module}"
runpy.run_module("pangea.{module}", run_name="__main__")
"""
ARGUMENTS = {
    "deep_verify": lambda path: ["--file", str(path)],
    "verify_audit": lambda path: ["--file", str(path)],
}
VERDICTS = {
    "deep_verify": lambda text: all(line.rstrip().endswith(": 0") for line in text.splitlines() if ": " in line and line.strip()[-1].isdigit() and "Total" not in line),
    "verify_audit": lambda text: "succeeded" in text.lower() and "failed" not in text.lower(),
}


def many():
    def one(number):
        audit = client()
        results = [audit.log(f"worker {number} {n}", verify=True).result for n in range(20)]
        return {verdicts(r)[:2] for r in results[1:]}

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        seen = set().union(*pool.map(one, range(8)))
    check("eight clients at a time", seen == {("pass", "pass")}, seen)


for step in (logging, signing, bulk, searching, pages, roots, many):
    step()
if VERSION >= (3, 8, 0):
    later()
    downloads()
print(f"pangea-sdk {pangea.__version__}: {done} checks")
