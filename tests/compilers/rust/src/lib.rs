//! What wasm-bindgen has to find in a module: exports with texts, a class, an imported class, custom sections.
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    fn report(text: &str);
    pub type Reader;
    #[wasm_bindgen(method)]
    fn line(this: &Reader) -> Option<String>;
}

#[wasm_bindgen]
#[derive(Default)]
pub struct Words {
    counts: BTreeMap<String, usize>,
}

#[wasm_bindgen]
impl Words {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Words {
        Words::default()
    }

    /// Counts the words of all lines.
    pub fn read(&mut self, reader: &Reader) {
        while let Some(line) = reader.line() {
            for word in line.split_whitespace() {
                *self.counts.entry(word.to_lowercase()).or_default() += 1;
            }
        }
        report(&format!("{} words", self.counts.len()));
    }

    /// How often a word was read.
    pub fn count(&self, word: &str) -> Result<usize, JsError> {
        let count = self.counts.get(word).copied();
        count.ok_or_else(|| JsError::new(&format!("{word} was not read")))
    }
}
