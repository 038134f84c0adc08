//! Pictures from outside: decoded within limits, searched for QR codes, made small enough for a card.

mod codes;
mod photo;
#[cfg(test)]
mod tests;

pub use codes::codes;
pub use photo::reduce;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Why a picture is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The property holds no picture, only where one is.
    #[error("the card only says where the picture is, so there is nothing to make smaller")]
    NotInline,
    /// It is neither PNG, JPEG nor WebP.
    #[error("this is not a PNG, JPEG or WebP picture")]
    Format,
    /// It begins like a picture and does not go on like one.
    #[error("the picture is damaged and cannot be shown")]
    Damaged,
    /// More than [`PICTURE_BYTES_MAX`] or [`PIXELS_MAX`].
    #[error("the picture is larger than 32 MiB or 64 megapixels; please make it smaller")]
    TooLarge,
    /// No code was found in it.
    #[error("there is no QR code in this picture; take it closer, straight on, and in better light")]
    NoCode,
}

/// Decodes a picture as it is to be looked at: turned as its EXIF data says, and no side longer than `side_max`.
fn decode(bytes: &[u8], side_max: u32) -> Result<DynamicImage, PictureError> {
    if bytes.len() > PICTURE_BYTES_MAX {
        return Err(PictureError::TooLarge);
    }
    let format = image::guess_format(bytes).map_err(|_| PictureError::Format)?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) {
        return Err(PictureError::Format);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refusal(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX || decoder.total_bytes() > DECODED_BYTES_MAX {
        return Err(PictureError::TooLarge);
    }
    // EXIF data that cannot be read turns nothing.
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    if width.max(height) > side_max {
        picture = picture.thumbnail(side_max, side_max);
    }
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

fn refusal(error: &image::ImageError) -> PictureError {
    match error {
        image::ImageError::Limits(_) => PictureError::TooLarge,
        _ => PictureError::Damaged,
    }
}

/// Most bytes of a picture as a file.
pub const PICTURE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Most pixels of a picture.
const PIXELS_MAX: u64 = 64 * 1_000_000;
/// Most bytes of a picture's pixels.
const DECODED_BYTES_MAX: u64 = 256 * 1024 * 1024;
