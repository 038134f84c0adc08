//! Pictures as people send them: tilted, dark, far away, huge, broken.

use super::*;
use base64::{Engine, prelude::BASE64_STANDARD};
use fast_qr::QRBuilder;
use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use kith_core::vcard::{Property, Version};

/// A code with its quiet zone, `pixels` wide per module.
fn code(text: &str, pixels: u32) -> GrayImage {
    let code = QRBuilder::new(text).build().expect("a code");
    let side = (code.size as u32 + 8) * pixels;
    GrayImage::from_fn(side, side, |x, y| {
        let inside = |at: u32| ((at / pixels) as usize).checked_sub(4).filter(|at| *at < code.size);
        let dark = inside(x).zip(inside(y)).is_some_and(|(x, y)| code[y][x].value());
        Luma([if dark { 20 } else { 235 }])
    })
}

/// A white page with pictures on it.
fn page(width: u32, height: u32, pictures: &[(&GrayImage, i64, i64)]) -> GrayImage {
    let mut page = GrayImage::from_pixel(width, height, Luma([250]));
    for (picture, x, y) in pictures {
        image::imageops::overlay(&mut page, *picture, *x, *y);
    }
    page
}

fn tilted(picture: &GrayImage, degrees: f64) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let middle = f64::from(picture.width()) / 2.0;
    let side = (f64::from(picture.width()) * 1.5) as u32;
    let half = f64::from(side) / 2.0;
    GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = (f64::from(x) - half, f64::from(y) - half);
        let (x, y) = (x * cos + y * sin + middle, y * cos - x * sin + middle);
        let inside = x >= 0.0 && y >= 0.0 && x < middle * 2.0 - 1.0 && y < middle * 2.0 - 1.0;
        if inside { *picture.get_pixel(x as u32, y as u32) } else { Luma([235]) }
    })
}

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

fn png(picture: GrayImage) -> Vec<u8> {
    file(picture, ImageFormat::Png)
}

const CARD: &str =
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jürgen 山田\r\nN:Yamada;Jürgen;;;\r\nTEL:+49 30 1234567\r\nEND:VCARD\r\n";

#[test]
fn a_code_is_read_however_it_lies_in_the_picture() {
    let plain = code(CARD, 6);
    let mut dark = plain.clone();
    image::imageops::invert(&mut dark);
    let pictures = [
        ("upright", plain.clone()),
        ("on its side", image::imageops::rotate90(&plain)),
        ("upside down", image::imageops::rotate180(&plain)),
        ("tilted", tilted(&plain, 17.0)),
        ("tilted far", tilted(&plain, 45.0)),
        ("light on dark", dark),
        ("small on a large screen", page(2560, 1440, &[(&code(CARD, 3), 1800, 900)])),
        ("tiny", code("kith", 2)),
        ("close", code(CARD, 40)),
    ];
    for (name, picture) in pictures {
        let expected = if name == "tiny" { "kith" } else { CARD };
        assert_eq!(codes(&png(picture)), Ok(vec![expected.to_owned()]), "{name}");
    }
}

#[test]
fn jpeg_and_webp_are_read_as_well() {
    for format in [ImageFormat::Jpeg, ImageFormat::WebP] {
        assert_eq!(codes(&file(code(CARD, 5), format)), Ok(vec![CARD.to_owned()]), "{format:?}");
    }
}

#[test]
fn several_codes_in_one_picture_are_all_read() {
    let (one, two, three) = (code("one", 6), code("two", 4), code("three", 8));
    let page = page(1200, 800, &[(&one, 40, 40), (&two, 700, 60), (&three, 300, 400)]);
    let mut texts = codes(&png(page)).expect("codes");
    texts.sort();
    assert_eq!(texts, ["one", "three", "two"]);
}

#[test]
fn the_shift_jis_of_old_telephones_is_read() {
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode("MECARD:N:山田,太郎;;");
    let code = QRBuilder::new(bytes.into_owned()).build().expect("a code");
    let picture = GrayImage::from_fn(400, 400, |x, y| {
        let inside = |at: u32| ((at / 8) as usize).checked_sub(4).filter(|at| *at < code.size);
        let dark = inside(x).zip(inside(y)).is_some_and(|(x, y)| code[y][x].value());
        Luma([if dark { 0 } else { 255 }])
    });
    assert_eq!(codes(&png(picture)), Ok(vec!["MECARD:N:山田,太郎;;".to_owned()]));
}

#[test]
fn what_is_no_picture_with_a_code_is_refused_by_its_reason() {
    let noise = GrayImage::from_fn(500, 500, |x, y| Luma([((x * 7919 + y * 104_729) % 251) as u8]));
    assert_eq!(codes(&png(noise)), Err(PictureError::NoCode));
    assert_eq!(codes(b""), Err(PictureError::Format));
    assert_eq!(codes(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), Err(PictureError::Format));
    assert_eq!(codes(b"GIF89a\x01\x00\x01\x00"), Err(PictureError::Format));
    let whole = png(code("x", 4));
    assert_eq!(codes(&whole[..whole.len() / 2]), Err(PictureError::Damaged));
    assert_eq!(codes(&vec![0; PICTURE_BYTES_MAX + 1]), Err(PictureError::TooLarge));
}

#[test]
fn a_picture_of_more_pixels_than_are_decoded_is_refused_before_it_takes_memory() {
    // The size stands in the head of a PNG; its checksum is over the thirteen bytes from there on.
    let mut picture = png(GrayImage::new(1, 1));
    picture[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
    let sum = crc32(&picture[12..29]);
    picture[29..33].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(codes(&picture), Err(PictureError::TooLarge));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 * (sum & 1)))
    })
}

fn photo(version: Version, bytes: &[u8]) -> Property {
    let data = BASE64_STANDARD.encode(bytes);
    let text = match version {
        Version::V40 => format!("item1.PHOTO;PREF=1;X-A=b:data:image/png;base64,{data}"),
        Version::V30 => format!("item1.PHOTO;ENCODING=b;TYPE=PNG;X-A=b:{data}"),
        Version::V21 => format!("PHOTO;ENCODING=BASE64;PNG:{data}"),
    };
    Property::from_text(version, 7, text).expect("a photo")
}

/// The JPEG in a photo.
fn jpeg(property: &Property) -> Vec<u8> {
    let value = property.line().value;
    let data = value.strip_prefix("data:image/jpeg;base64,").unwrap_or(&value);
    BASE64_STANDARD.decode(data).expect("base64")
}

#[test]
fn a_large_photo_becomes_a_small_jpeg_in_the_spelling_it_came_in() {
    let noisy = RgbImage::from_fn(1800, 1200, |x, y| {
        let dot = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(97) >> 8;
        Rgb([dot as u8, (dot >> 3) as u8, (x / 8) as u8])
    });
    let png = file(noisy, ImageFormat::Png);
    for version in [Version::V21, Version::V30, Version::V40] {
        let small = reduce(&photo(version, &png)).expect("a photo");
        let bytes = jpeg(&small);
        assert!(bytes.len() <= 256 * 1024, "{}", bytes.len());
        let decoded = image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg).expect("a JPEG");
        assert_eq!((decoded.width(), decoded.height()), (1024, 683));
        assert_eq!((small.order, small.version), (7, version.max(Version::V30)));
        if version != Version::V21 {
            let line = small.line();
            assert_eq!(line.group.as_deref(), Some("item1"));
            assert!(line.params.contains(&("X-A".to_owned(), vec!["b".to_owned()])), "{:?}", line.params);
        }
    }
}

#[test]
fn a_photo_that_was_taken_sideways_stands_upright_and_says_nothing_more_about_the_camera() {
    let half = RgbImage::from_fn(64, 32, |x, _| if x < 32 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
    let plain = file(half, ImageFormat::Jpeg);
    // EXIF with one entry: orientation 6, "turn right to see it upright".
    let exif: &[u8] = b"\xFF\xE1\x00\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let sideways = [&plain[..2], exif, &plain[2..]].concat();
    let small = jpeg(&reduce(&photo(Version::V40, &sideways)).expect("a photo"));
    let upright = image::load_from_memory(&small).expect("a JPEG").to_rgb8();
    assert_eq!((upright.width(), upright.height()), (32, 64));
    assert!(upright.get_pixel(16, 4)[0] > 200 && upright.get_pixel(16, 60)[2] > 200, "the red half is on top");
    assert!(!small.windows(4).any(|bytes| bytes == b"Exif"));
}

#[test]
fn what_was_transparent_is_white() {
    let clear = RgbaImage::from_pixel(20, 20, Rgba([0, 0, 0, 0]));
    let small = jpeg(&reduce(&photo(Version::V30, &file(clear, ImageFormat::Png))).expect("a photo"));
    assert!(image::load_from_memory(&small).expect("a JPEG").to_luma8().pixels().all(|pixel| pixel[0] > 250));
}

#[test]
fn a_photo_that_cannot_be_made_smaller_says_why() {
    let elsewhere = Property::from_text(Version::V40, 0, "PHOTO;VALUE=uri:https://a.example/p.jpg").expect("a photo");
    assert_eq!(reduce(&elsewhere), Err(PictureError::NotInline));
    assert_eq!(reduce(&photo(Version::V30, b"\x89PNG\r\n\x1A\nbroken")), Err(PictureError::Damaged));
    assert_eq!(reduce(&photo(Version::V40, b"<svg/>")), Err(PictureError::Format));
}
