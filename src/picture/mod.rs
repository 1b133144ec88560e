//! Pictures of children: read from what somebody uploads, made small, and written anew.
//!
//! A file is what its first bytes say, whatever it is called. How large a picture is, is known before
//! any room is made for it, and how much work it is, before any of that is done. What comes out holds
//! the picture alone: where and when it was taken, and with what, stays behind.
//!
//! Not in here: which way up it is. The page turns and cuts it before it sends it.

mod jpeg;
#[cfg(test)]
mod tests;

use std::{fmt, io::Cursor};

use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder as _, ImageError, Limits,
    codecs::{
        jpeg::{JpegDecoder, JpegEncoder},
        png::{CompressionType, FilterType, PngDecoder, PngEncoder},
        webp::WebPDecoder,
    },
};

/// How many pixels a side of a picture has at most, once it is made small.
pub const SIDE: u32 = 512;

/// How many pixels a side of an uploaded picture may have.
pub const MAX_SIDE: u32 = 8_000;

/// How many pixels an uploaded picture may have.
pub const MAX_PIXELS: u64 = 32_000_000;

/// The most that one picture may take while it is decoded: four bytes for each of [`MAX_PIXELS`].
const MAX_DECODED_BYTES: u64 = 4 * MAX_PIXELS;

/// How good a JPEG is written, of 100.
const QUALITY: u8 = 85;

/// How much of a text is searched for the element that makes a drawing of it.
const SEARCHED_BYTES: usize = 1 << 10;

/// Why a file cannot be a child's picture.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PictureError {
    /// There is not one byte.
    #[error("the file is empty")]
    Empty,
    /// It is no picture, or of a kind that nobody has heard of.
    #[error("the file is no picture of any kind that is known")]
    NoPicture,
    /// It is a picture of a kind that is not read here.
    #[error("{0} pictures are not read here")]
    Unread(&'static str),
    /// It ends before the picture does.
    #[error("the picture breaks off")]
    Cut,
    /// It cannot be decoded.
    #[error("the picture is damaged")]
    Damaged,
    /// It has too many pixels, or would take too much work.
    #[error("the picture is too large")]
    TooLarge,
}

/// A picture as it is kept: small, and nothing but the picture.
#[derive(Clone, Eq, PartialEq)]
pub struct Picture(Vec<u8>);

/// As what a picture is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// What has no holes.
    Jpeg,
    /// What can be seen through.
    Png,
}

impl Picture {
    /// Reads a file and makes it small. Takes a while, and up to two hundred megabytes.
    pub fn read(file: &[u8]) -> Result<Self, PictureError> {
        let image = decode(file)?;
        let image = match image.width().max(image.height()) {
            0..=SIDE => image,
            _ => image.thumbnail(SIDE, SIDE),
        };
        Self::write(&image)
    }

    /// Takes back what [`Picture::as_bytes`] gave, if it begins like it.
    pub fn from_stored(bytes: Vec<u8>) -> Result<Self, PictureError> {
        format(&bytes).map(|_format| Self(bytes)).ok_or(PictureError::Damaged)
    }

    /// Returns the bytes to keep, or to show.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the bytes without a copy of them.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Returns what they are.
    pub fn format(&self) -> Format {
        format(&self.0).unwrap_or(Format::Jpeg)
    }

    fn write(image: &DynamicImage) -> Result<Self, PictureError> {
        let (width, height) = (image.width(), image.height());
        let mut bytes = Vec::new();
        let pixels = image.to_rgba8();
        let written = if pixels.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
            let pixels = image.to_rgb8();
            encoder.write_image(pixels.as_raw(), width, height, ExtendedColorType::Rgb8)
        } else {
            let (compression, filter) = (CompressionType::Default, FilterType::Adaptive);
            let encoder = PngEncoder::new_with_quality(&mut bytes, compression, filter);
            encoder.write_image(pixels.as_raw(), width, height, ExtendedColorType::Rgba8)
        };
        written.map_err(|_unwritable| PictureError::Damaged)?;
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Picture {
    // It shows a child: it must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} bytes)", self.0.len())
    }
}

fn format(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
        [0x89, b'P', b'N', b'G', ..] => Some(Format::Png),
        _ => None,
    }
}

fn decode(file: &[u8]) -> Result<DynamicImage, PictureError> {
    let reader = Cursor::new(file);
    match file {
        [] => Err(PictureError::Empty),
        [0xff, 0xd8, 0xff, ..] => {
            let n_scans = jpeg::whole(file)?;
            let decoder = JpegDecoder::new(reader).map_err(fault)?;
            let (width, height) = decoder.dimensions();
            // Each scan may touch every pixel once more, however small it is.
            let work = u64::from(width) * u64::from(height) * n_scans;
            if jpeg::SCANS_AT_MOST * MAX_PIXELS < work {
                return Err(PictureError::TooLarge);
            }
            pixels(decoder)
        }
        [0x89, b'P', b'N', b'G', ..] => {
            pixels(PngDecoder::with_limits(reader, limits()).map_err(fault)?)
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            pixels(WebPDecoder::new(reader).map_err(fault)?)
        }
        _ => Err(unread(file).map_or(PictureError::NoPicture, PictureError::Unread)),
    }
}

/// Decodes a picture whose size is known, unless that is too much.
fn pixels(mut decoder: impl ImageDecoder) -> Result<DynamicImage, PictureError> {
    let (width, height) = decoder.dimensions();
    let is_small = width <= MAX_SIDE
        && height <= MAX_SIDE
        && u64::from(width) * u64::from(height) <= MAX_PIXELS
        && decoder.total_bytes() <= MAX_DECODED_BYTES;
    if !is_small {
        return Err(PictureError::TooLarge);
    }
    decoder.set_limits(limits()).map_err(fault)?;
    DynamicImage::from_decoder(decoder).map_err(fault)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    // Beside the picture itself there are lines and tables.
    limits.max_alloc = Some(MAX_DECODED_BYTES + (16 << 20));
    limits
}

fn fault(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooLarge,
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            PictureError::Cut
        }
        _ => PictureError::Damaged,
    }
}

/// Returns the name of a kind that is a picture, but not read here.
fn unread(file: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 9] = [
        (b"GIF8", "GIF"),
        (b"BM", "BMP"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"%PDF", "PDF"),
        (b"8BPS", "PSD"),
        (&[0, 0, 1, 0], "ICO"),
        (&[0xff, 0x0a], "JPEG XL"),
        (&[0, 0, 0, 0x0c, b'J', b'X', b'L', b' '], "JPEG XL"),
    ];
    if let [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] = file {
        return match brand.get(..4)? {
            b"avif" | b"avis" => Some("AVIF"),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
                Some("HEIC")
            }
            _ => None,
        };
    }
    let start = file.get(..SEARCHED_BYTES).unwrap_or(file).to_ascii_lowercase();
    if start.windows(4).any(|four| four == b"<svg") {
        return Some("SVG");
    }
    KINDS.iter().find(|(magic, _)| file.starts_with(magic)).map(|(_, name)| *name)
}
