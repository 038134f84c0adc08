//! Large pictures within little memory. One test, so that the process that is measured does nothing else.

#![cfg(target_os = "linux")]

use image::{ImageFormat, Rgb, RgbImage};
use kith_core::vcard::{Property, Version, decode_file, parse};
use std::{fs, io::Cursor};

/// The most memory that this process ever had resident, in MiB.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the status of this process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

#[test]
fn neither_a_photo_of_100_mb_nor_one_of_64_megapixels_takes_more_than_512_mib() {
    let mut file = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nPHOTO;ENCODING=b;TYPE=JPEG:".to_vec();
    while file.len() < 100 * 1000 * 1000 {
        file.extend_from_slice(b"\r\n /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoH");
    }
    file.extend_from_slice(b"\r\nEND:VCARD\r\n");
    let parsed = parse(&decode_file(&file).expect("a file of vCards"));
    let card = &parsed.cards[0];
    assert_eq!((card.properties.len(), card.problems.len()), (1, 1), "the name stays, the photo is refused");
    drop((parsed, file));

    let mut jpeg = Cursor::new(Vec::new());
    RgbImage::from_pixel(8000, 8000, Rgb([200, 100, 50])).write_to(&mut jpeg, ImageFormat::Jpeg).expect("a JPEG");
    let data = base64(jpeg.get_ref());
    let photo = Property::from_text(Version::V40, 0, format!("PHOTO:data:image/jpeg;base64,{data}")).expect("a photo");
    let small = kith_hub::picture::reduce(&photo).expect("64 megapixels are allowed");
    assert!(small.as_str().len() < 360 * 1024, "{}", small.as_str().len());
    kith_hub::picture::codes(jpeg.get_ref()).expect_err("there is no code in it");
    assert!(peak_mib() <= 512, "{} MiB", peak_mib());
    println!("{} MiB at most", peak_mib());
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len() / 3 * 4 + 4);
    for chunk in bytes.chunks(3) {
        let word = [0, 1, 2].iter().fold(0, |word, at| word << 8 | u32::from(chunk.get(*at).copied().unwrap_or(0)));
        for place in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}
