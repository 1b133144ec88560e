use image::{GenericImageView as _, Rgba, RgbaImage};

use super::*;

/// What a picture of a camera says beside the picture, as it stands in the files: here it was taken.
const PLACE: &[u8] = b"GPS 48.2082 N, 16.3738 E, a camera";

fn image(width: u32, height: u32, alpha: u8) -> DynamicImage {
    let shade = |at: u32, of: u32| u8::try_from(at * 255 / of.max(1)).unwrap();
    let pixel = |x, y| Rgba([shade(x, width), shade(y, height), 90, alpha]);
    DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, pixel))
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let image = image(width, height, 255).to_rgb8();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&image).unwrap();
    bytes
}

fn png(width: u32, height: u32, alpha: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image(width, height, alpha).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn webp(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image(width, height, 255).write_to(&mut bytes, image::ImageFormat::WebP).unwrap();
    bytes.into_inner()
}

/// A JPEG with a segment such as cameras write.
fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, content, &jpeg[2..]].concat()
}

/// A chunk of a PNG, its checksum right.
fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in name.iter().chain(content) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length, name.as_slice(), content, &(!crc).to_be_bytes()].concat()
}

fn read(file: &[u8]) -> Result<(Format, u32, u32), PictureError> {
    let picture = Picture::read(file)?;
    let image = image::load_from_memory(picture.as_bytes()).unwrap();
    assert_eq!(Picture::from_stored(picture.as_bytes().to_vec()), Ok(picture.clone()));
    Ok((picture.format(), image.width(), image.height()))
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn every_kind_is_made_small_and_keeps_its_shape() {
    for (file, expected) in [
        (jpeg(64, 48), (Format::Jpeg, 64, 48)),
        (jpeg(2_048, 1_024), (Format::Jpeg, 512, 256)),
        (png(600, 600, 255), (Format::Jpeg, 512, 512)),
        (png(600, 600, 128), (Format::Png, 512, 512)),
        (png(1, 8_000, 255), (Format::Jpeg, 1, 512)),
        (webp(512, 512), (Format::Jpeg, 512, 512)),
        (webp(513, 100), (Format::Jpeg, 512, 100)),
    ] {
        assert_eq!(read(&file), Ok(expected));
    }
}

#[test]
fn a_picture_still_shows_what_it_showed() {
    let picture = Picture::read(&jpeg(1_024, 1_024)).unwrap();
    let image = image::load_from_memory(picture.as_bytes()).unwrap();

    for (x, y) in [(10, 10), (500, 10), (10, 500), (256, 256)] {
        let Rgba([red, green, blue, _]) = image.get_pixel(x, y);
        let near = |shade: u8, expected: u32| u32::from(shade).abs_diff(expected) < 12;
        assert!(
            near(red, x * 255 / 512) && near(green, y * 255 / 512) && near(blue, 90),
            "{x} {y}"
        );
    }
}

#[test]
fn what_a_camera_wrote_beside_the_picture_is_gone() {
    let exif = [b"Exif\0\0II*\0\x08\0\0\0\0\0", PLACE].concat();
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0", PLACE].concat();
    let plain = jpeg(64, 64);
    let mut files = vec![
        with_segment(&plain, 0xe1, &exif),
        with_segment(&plain, 0xe1, &xmp),
        with_segment(&plain, 0xfe, PLACE),
        [plain.as_slice(), PLACE].concat(),
    ];
    for alpha in [255, 128] {
        let png = png(32, 32, alpha);
        // Behind the header, which has 33 bytes.
        let (head, rest) = png.split_at(33);
        let text = [b"Comment\0", PLACE].concat();
        files.push([head, &chunk(*b"tEXt", &text), &chunk(*b"eXIf", &exif[6..]), rest].concat());
    }
    let webp = webp(32, 32);
    let mut extended = b"WEBPVP8X\x0a\0\0\0\x08\0\0\0\x1f\0\0\x1f\0\0".to_vec();
    extended.extend(&webp[12..]);
    extended.extend(b"EXIF");
    extended.extend(u32::try_from(PLACE.len()).unwrap().to_le_bytes());
    extended.extend(PLACE);
    let length = u32::try_from(extended.len()).unwrap().to_le_bytes();
    files.push([b"RIFF".as_slice(), &length, &extended].concat());

    for file in files {
        assert!(holds(&file, PLACE));
        let picture = Picture::read(&file).unwrap();
        for trace in [PLACE, b"GPS", b"Exif", b"eXIf", b"EXIF", b"Comment", b"http"] {
            assert!(!holds(picture.as_bytes(), trace), "{}", String::from_utf8_lossy(trace));
        }
    }
}

#[test]
fn what_is_no_picture_is_told_apart() {
    let unread = |name| Err(PictureError::Unread(name));
    let none = Err(PictureError::NoPicture);
    for (file, expected) in [
        (b"".as_slice(), Err(PictureError::Empty)),
        (b"a", none),
        (b"Good night, Mia", none),
        (b"RIFF\x24\0\0\0WAVEfmt ", none),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", none),
        (b"\0\0\0\x18ftyp", none),
        (b"\0\0\0\x18ftypheic\0\0\0\0", unread("HEIC")),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", unread("HEIC")),
        (b"\0\0\0\x18ftypavif\0\0\0\0", unread("AVIF")),
        (b"GIF89a\x01\0\x01\0", unread("GIF")),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", unread("SVG")),
        (b"<?xml version=\"1.0\"?>\n<!-- a --><SVG/>", unread("SVG")),
        (b"BM\0\0", unread("BMP")),
        (b"MM\0*", unread("TIFF")),
        (b"%PDF-1.7", unread("PDF")),
        (&[0xff, 0x0a, 0, 0], unread("JPEG XL")),
    ] {
        assert_eq!(read(file), expected, "{}", String::from_utf8_lossy(file));
    }
}

#[test]
fn a_picture_that_breaks_off_anywhere_is_none() {
    for file in [jpeg(64, 64), png(64, 64, 255), webp(64, 64)] {
        for n_bytes in 12..file.len() {
            // The last bytes of a PNG say that it ends, which its pixels have said before; that of a WebP
            // may fill it up.
            let n_idle = if file.starts_with(b"\x89PNG") { 16 } else { 1 };
            let is_there = file.len() - n_bytes <= n_idle && !file.starts_with(&[0xff, 0xd8]);
            let found = read(&file[..n_bytes]);
            assert!(is_there || found.is_err(), "{n_bytes} of {}", file.len());
        }
        let found = read(&file[..file.len() / 2]);
        assert!(matches!(found, Err(PictureError::Cut | PictureError::Damaged)), "{found:?}");
    }
    assert_eq!(read(&jpeg(64, 64)[..300]), Err(PictureError::Cut));
    assert_eq!(read(&png(64, 64, 255)[..60]), Err(PictureError::Cut));
}

#[test]
fn a_damaged_picture_is_one_or_the_other_and_nothing_worse() {
    assert_eq!(read(b"\x89PNG and nothing of the kind"), Err(PictureError::Damaged));
    assert_eq!(read(b"\xff\xd8\xff\xd9"), Err(PictureError::Damaged));
    assert_eq!(read(b"\xff\xd8\xff\xfe\0\x02Mia"), Err(PictureError::Damaged));
    for file in [jpeg(40, 40), png(40, 40, 200), webp(40, 40)] {
        for at in (12..file.len()).step_by(3) {
            let mut file = file.clone();
            file[at] ^= 0x55;
            _ = read(&file);
        }
    }
}

/// A PNG that says that it is so large, and has nothing else to say.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]);
    let magic = b"\x89PNG\r\n\x1a\n".as_slice();
    [magic, &chunk(*b"IHDR", &header), &chunk(*b"IDAT", &[0x78, 0x9c])].concat()
}

#[test]
fn what_is_too_large_is_refused_before_there_is_room_for_it() {
    for (width, height) in
        [(8_001, 1), (1, 8_001), (8_000, 4_001), (6_000, 6_000), (u32::MAX >> 1, u32::MAX >> 1)]
    {
        assert_eq!(read(&claiming(width, height)), Err(PictureError::TooLarge), "{width} {height}");
    }
    // These would fit, if there were anything of them.
    for (width, height) in [(8_000, 4_000), (4_000, 8_000)] {
        let found = read(&claiming(width, height));
        assert!(matches!(found, Err(PictureError::Cut | PictureError::Damaged)), "{found:?}");
    }
    let mut large = jpeg(8, 8);
    let frame = large.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    large[frame + 5..frame + 9].copy_from_slice(&[0x40, 0, 0x40, 0]);
    assert_eq!(read(&large), Err(PictureError::TooLarge));
}

#[test]
fn a_picture_that_is_gone_over_again_and_again_is_refused() {
    let plain = jpeg(8, 8);
    let scan = plain.windows(2).position(|two| two == [0xff, 0xda]).unwrap();
    let (head, scan) = (&plain[..scan], &plain[scan..plain.len() - 2]);
    let mut large = head.to_vec();
    let frame = large.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    // 4096 x 4096, which is half of what may be.
    large[frame + 5..frame + 9].copy_from_slice(&[0x10, 0, 0x10, 0]);
    let scans = |n: usize| [large.as_slice(), &scan.repeat(n), &[0xff, 0xd9]].concat();

    assert_eq!(jpeg::whole(&scans(22)), Ok(22));
    assert_eq!(read(&scans(23)), Err(PictureError::TooLarge));
}

#[test]
fn a_picture_is_not_printed() {
    let printed = format!("{:?}", Picture::read(&jpeg(16, 16)).unwrap());

    assert!(printed.starts_with("Picture(") && printed.len() < 24, "{printed}");
}
