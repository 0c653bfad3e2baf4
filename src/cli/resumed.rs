use crate::format::Name;

/// What an interrupted ceremony left, for people.
pub(super) fn resumed(done: usize, under_way: Option<&Name>, unanswered: &[u64]) -> String {
    let step = under_way
        .map_or_else(|| "no step was under way".to_owned(), |step| format!("step {step} was under way"));
    let calls = match unanswered {
        [] => "every call to a token was answered".to_owned(),
        calls => {
            let calls: Vec<String> = calls.iter().map(u64::to_string).collect();
            format!("operation {} has no answer: the token is asked what became of it", calls.join(", "))
        }
    };
    format!("The ceremony was interrupted: {done} steps are done, {step}, {calls}.")
}
