//! Transcripts of the command line: what people type and what they read.

#[test]
fn transcripts_hold() {
    trycmd::TestCases::new()
        .register_bin("hutch", std::path::PathBuf::from(env!("CARGO_BIN_EXE_hutch")))
        // Help is wrapped to the terminal, which here is none, and logs go to people.
        .env("COLUMNS", "100")
        .env("HUTCH_LOG", "off")
        .case("tests/cmd/*.trycmd")
        .run();
}
