//! A module for any host: imports and exports of its own, and text in memory.
use std::collections::HashMap;
use words::Measure;

#[link(wasm_import_module = "host")]
extern "C" {
    fn say(text: *const u8, length: usize);
}

extern "C" {
    fn twice(value: i32) -> i32;
}

fn tell(text: &str) {
    unsafe { say(text.as_ptr(), text.len()) }
}

#[no_mangle]
pub extern "C" fn sum(count: u32) -> f64 {
    let words: HashMap<u32, String> = (0..count).map(|i| (i, format!("{:03}", i))).collect();
    let counts = words::count(words.values().map(String::len));
    tell(&format!("{:?}, {} seen", counts, words::seen()));
    words.keys().map(|&key| f64::from(key)).sum::<f64>() + [0.25, 0.5].measure()
}

#[no_mangle]
pub extern "C" fn twice_at(index: usize) -> i32 {
    std::panic::set_hook(Box::new(|info| tell(&info.to_string().replace('\n', " "))));
    let values = [3, 5, 21];
    unsafe { twice(values[index]) }
}
