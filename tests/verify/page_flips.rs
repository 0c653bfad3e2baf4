//! The page of a report checks its own copy of the record: no bit of it can change and no file of it be cut, and the page say that
//! everything holds.

use std::fs;

use anchorite::render::report;
use anchorite::verify::{self, BundleFiles};
use serde_json::json;

use super::browser::open;
use super::flips::smallest;
use super::mutants::anchors;

/// Makes every `STRIDE`th change of the copy in the page, and has the page check itself each time.
const CHANGES: &str = r#"(async () => {
  const copy = document.getElementById("record"), record = JSON.parse(copy.textContent), unnoticed = [];
  let change = 0, tried = 0;
  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
  const judged = async (path, bytes, what) => {
    const good = record.files[path];
    record.files[path] = base64(bytes);
    copy.textContent = JSON.stringify(record);
    record.files[path] = good;
    found.length = 0;
    await checkAll().catch((error) => fails("page", "its checks come to an end", String(error)));
    if (!found.some((one) => one[1] === "fails")) unnoticed.push(path + ", " + what);
    tried += 1;
  };
  for (const path of Object.keys(record.files)) {
    const bytes = bytesOf(record.files[path]);
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      if (change++ % STRIDE) continue;
      bytes[bit >> 3] ^= 1 << (bit & 7);
      await judged(path, bytes, "bit " + bit);
      bytes[bit >> 3] ^= 1 << (bit & 7);
    }
    for (let length = 0; length < bytes.length; length += 1) {
      if (change++ % STRIDE) continue;
      await judged(path, bytes.subarray(0, length), "cut to " + length + " bytes");
    }
  }
  copy.textContent = JSON.stringify(record);
  found.length = 0;
  await checkAll();
  if (found.some((one) => one[1] === "fails")) unnoticed.push("the changes were not undone");
  return [tried, unnoticed];
})()"#;

/// `ANCHORITE_EVERY_FLIP=1` makes every change.
#[test]
fn no_bit_can_change_and_no_file_be_cut_for_the_page_of_a_report() {
    let (workshop, bundle) = smallest();
    let files = BundleFiles::read(&bundle).unwrap();
    let place = tempfile::tempdir().unwrap();
    let page = place.path().join("report.html");
    fs::write(&page, report(&files, &verify::bundle_files(&files, &anchors(&workshop)))).unwrap();
    let stride = if std::env::var_os("ANCHORITE_EVERY_FLIP").is_some() { "1" } else { "41" };
    let request = json!({
        "until": "document.documentElement.dataset.checked",
        "value": CHANGES.replace("STRIDE", stride),
    });
    let found = open(&page, request).quiet();
    assert_eq!(found[1], json!([]), "not noticed");
    assert!(found[0].as_u64().unwrap() > 2000, "{} changes", found[0]);
}
