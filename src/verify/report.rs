use super::examination::Examination;
use super::verdict::{Check, CheckId, Place, Status};

/// How a report names its program and version, before and after the name. Another version may write other bytes.
const GENERATOR: (&str, &str) = ("<meta name=\"generator\" content=\"", "\">");

/// Whether a report is, byte for byte, one of those that the bundle gives: with and without the auditor's anchors.
pub fn report(given: &[u8], rendered: &[String]) -> Check {
    let mut examination = Examination::of(CheckId::Report);
    if rendered.iter().any(|page| page.as_bytes() == given) {
        return examination.finish(|| format!("{} bytes, the same", given.len()));
    }
    let ours = rendered.first().and_then(|page| generator(page));
    let theirs = std::str::from_utf8(given).ok().and_then(generator);
    if let (Some(ours), Some(theirs)) = (ours, theirs)
        && ours != theirs
    {
        let what = format!("the report was written by {theirs}, and this is {ours}");
        examination.found(Status::Unsupported, Place::file(REPORT), what);
        return examination.finish(String::new);
    }
    let same = |page: &String| page.bytes().zip(given).take_while(|(ours, theirs)| ours == *theirs).count();
    let offset = rendered.iter().map(same).max().unwrap_or_default();
    let place = Place { offset: Some(offset as u64), ..Place::file(REPORT) };
    examination.fail(place, format!("the report differs from what the bundle gives, from byte {offset} on"));
    examination.finish(String::new)
}

/// What the place of a difference is called: the file has the name that the auditor gave it.
const REPORT: &str = "the report";

fn generator(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once(GENERATOR.0)?;
    rest.split_once(GENERATOR.1).map(|(name, _)| name)
}
