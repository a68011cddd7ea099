//! A `PostgreSQL` server of one test, which may go wrong without disturbing the others.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout},
};

use super::{
    cluster::{command, connect, folder, guard, maintenance},
    faults::Faults,
};

/// It has the settings that it is installed with, can be stopped and started on the same socket,
/// and its disk can be full.
pub(crate) struct PrivateCluster {
    /// What `DATABASE_URL` is to be.
    pub(crate) url: String,
    pub(crate) faults: Faults,
    guard: Child,
    answers: BufReader<ChildStdout>,
}

impl PrivateCluster {
    pub(crate) fn start() -> Self {
        let folder = folder();
        let faults = Faults::new(&folder);
        let mut guard = guard(&folder, &[], &faults.environment());
        let answers = BufReader::new(guard.stdout.take().expect("the pipe was asked for"));
        command(&mut guard, "start");
        let url = maintenance(&folder);
        connect(&url, &mut guard, &folder);
        let mut cluster = Self {
            url,
            faults,
            guard,
            answers,
        };
        cluster.answered();
        cluster
    }

    /// Ends all connections, then the server in good order (`pg_ctl stop --mode fast`).
    pub(crate) fn stop_fast(&mut self) {
        command(&mut self.guard, "INT");
        self.answered();
    }

    /// Ends the server without any chance to tidy up (`pg_ctl stop --mode immediate`).
    pub(crate) fn stop_immediately(&mut self) {
        command(&mut self.guard, "QUIT");
        self.answered();
    }

    /// Starts the server again, and does not wait until it answers.
    pub(crate) fn start_again(&mut self) {
        command(&mut self.guard, "start");
        self.answered();
    }

    fn answered(&mut self) {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("an answer");
        assert_eq!(answer, "done\n", "the guard of the cluster ended");
    }
}

impl Drop for PrivateCluster {
    fn drop(&mut self) {
        // Closing its standard input ends the guard; the folder is gone when it has ended.
        drop(self.guard.stdin.take());
        self.guard.wait().ok();
    }
}
