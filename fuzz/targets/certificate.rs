//! A certificate or a statement from a stranger: read or refused, and what is read has one spelling.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkiln::statement::{Certificate, StatementV1, Word};

fuzz_target!(|data: &[u8]| {
    if let (words, []) = data.as_chunks::<32>()
        && let Ok(words) = <[[u8; 32]; 12]>::try_from(words)
    {
        let words = words.map(Word);
        if let Ok(statement) = StatementV1::from_words(&words, "fuzz") {
            assert_eq!(statement.words(), words);
        }
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(statement) = StatementV1::from_json(text, "fuzz") {
        let again = StatementV1::from_json(&statement.to_json(), "fuzz").unwrap();
        assert_eq!(again, statement);
    }
    if let Ok(certificate) = Certificate::from_json(text, "fuzz") {
        assert_eq!(certificate.to_json(), text);
    }
});
