mod approvals;
mod keys;
mod seals;
mod set_up;
mod signatures;
