//! What an MP4 file is made of: boxes in boxes, with numbers in them.

/// A box: its kind, and what is in it.
#[derive(Clone, Copy)]
pub(super) struct Box<'a> {
    pub(super) kind: [u8; 4],
    pub(super) body: &'a [u8],
    /// Where the box begins, in what it lies in.
    pub(super) at: usize,
    /// Whether it should be longer than what is there.
    pub(super) is_cut: bool,
}

/// The boxes that follow each other.
pub(super) struct Boxes<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Boxes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// Returns the next one of this kind.
    pub(super) fn find(mut self, kind: [u8; 4]) -> Option<Box<'a>> {
        Iterator::find(&mut self, |found| found.kind == kind)
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Box<'a>;

    fn next(&mut self) -> Option<Box<'a>> {
        let mut fields = Fields(self.rest);
        let short = fields.u32()?;
        let kind = *fields.take()?;
        let n_bytes = match short {
            // It goes on to the end.
            0 => self.rest.len(),
            1 => usize::try_from(fields.u64()?).unwrap_or(usize::MAX),
            _ => usize::try_from(short).unwrap_or(usize::MAX),
        };
        let n_head = self.rest.len() - fields.0.len();
        let n_body = n_bytes.checked_sub(n_head)?;
        let body = fields.0.get(..n_body).unwrap_or(fields.0);
        let found = Box { kind, body, at: self.at, is_cut: body.len() < n_body };
        self.rest = fields.0.get(n_body..).unwrap_or_default();
        self.at = self.at.saturating_add(n_bytes);
        Some(found)
    }
}

/// Numbers that follow each other, the highest byte first.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(first)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().copied().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().copied().map(u64::from_be_bytes)
    }

    pub(super) fn skip(&mut self, n_bytes: usize) -> Option<()> {
        self.0 = self.0.get(n_bytes..)?;
        Some(())
    }
}

/// Finds what a decoder has to know among the descriptions of a stream, if the stream is AAC.
pub(super) fn decoder_config(descriptions: &[u8]) -> Option<&[u8]> {
    const STREAM: u8 = 3;
    const DECODER: u8 = 4;
    const CONFIG: u8 = 5;
    const AAC: [u8; 4] = [0x40, 0x66, 0x67, 0x68];
    let mut fields = Fields(descriptions);
    fields.skip(4)?;
    let mut fields = Fields(description(&mut fields, STREAM)?);
    let [_, _, flags] = fields.take()?;
    if flags & 0x80 != 0 {
        fields.skip(2)?;
    }
    if flags & 0x40 != 0 {
        let [n_bytes] = fields.take()?;
        fields.skip(usize::from(*n_bytes))?;
    }
    if flags & 0x20 != 0 {
        fields.skip(2)?;
    }
    let mut fields = Fields(description(&mut fields, DECODER)?);
    let [kind] = fields.take()?;
    if !AAC.contains(kind) {
        return None;
    }
    fields.skip(12)?;
    description(&mut fields, CONFIG)
}

/// Returns a description, whose length has seven bits in each byte.
fn description<'a>(fields: &mut Fields<'a>, wanted: u8) -> Option<&'a [u8]> {
    let [kind] = *fields.take()?;
    let mut n_bytes = 0_usize;
    for _ in 0..4 {
        let [byte] = *fields.take()?;
        n_bytes = n_bytes << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    let body = fields.0.get(..n_bytes).unwrap_or(fields.0);
    (kind == wanted).then_some(body)
}
