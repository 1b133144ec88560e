"""What Schemathesis loads: sounds to send, and a note of every answer."""

import os
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

# Random bytes are hardly ever a sound file: some that are, and pieces of them.
DATA = Path(__file__).parent.parent / "data"
SPEECH = (DATA / "vectors/upload/speech_en.wav").read_bytes()
FILES = [(DATA / "sounds" / name).read_bytes() for name in ("mono_44k.mp3", "left_48k.m4a", "voice_20ms.opus")]
SOUNDS = st.one_of(
    st.just(SPEECH),
    st.integers(0, 4_000).map(lambda n_bytes: SPEECH[:n_bytes]),
    st.binary(max_size=200),
)
schemathesis.openapi.media_type("audio/wav", SOUNDS)
for kind in ("audio/*", "video/*", "application/ogg", "application/octet-stream"):
    schemathesis.openapi.media_type(kind, st.one_of(SOUNDS, st.sampled_from(FILES)))


@schemathesis.hook
def after_call(context, case, response):
    """Notes which route answered with what."""
    operation = case.operation
    if response.request.method == operation.method.upper():
        with open(os.environ["HUTCH_ANSWERS"], "a", encoding="utf-8") as answers:
            answers.write(f"{operation.label}\t{response.status_code}\n")
