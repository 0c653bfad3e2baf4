mod approvals;
mod seals;
mod set_up;
mod signatures;
