#!/bin/sh
# Makes the sound files beside it anew, of two seconds of ../vectors/upload/speech_en.wav. What encoders write differs
# from version to version, so the files are kept: see README.md.
set -eu
cd "$(dirname "$0")"

# make SECONDS OUTPUT OPTION...
make() {
    seconds=$1 output=$2
    shift 2
    ffmpeg -hide_banner -loglevel error -nostdin -y -t "$seconds" -i ../vectors/upload/speech_en.wav \
        "$@" -map_metadata -1 "$output"
}

left='pan=stereo|c0=c0'
picture='color=gray:size=32x32:rate=5:duration=2'

make 2 mono_44k.mp3 -ar 44100 -c:a libmp3lame -b:a 56k
make 2 vbr_22k.mp3 -ar 22050 -c:a libmp3lame -q:a 4
make 2 left_48k.mp3 -af "$left" -ar 48000 -c:a libmp3lame -b:a 64k
make 2 untold_32k.mp3 -ar 32000 -c:a libmp3lame -b:a 48k -write_xing 0 -id3v2_version 0
make 2 mono_44k.m4a -ar 44100 -c:a aac -b:a 56k
make 2 left_48k.m4a -af "$left" -ar 48000 -c:a aac -b:a 64k -movflags +faststart
make 2 fragments_48k.mp4 -ar 48000 -c:a aac -b:a 48k -movflags +frag_keyframe+empty_moov -frag_duration 500000
make 2 video_44k.mp4 -f lavfi -i "$picture" -ar 44100 -c:a aac -b:a 48k -c:v mpeg4 -b:v 8k
make 2 video_44k.mov -f lavfi -i "$picture" -ar 44100 -c:a aac -b:a 48k -c:v mpeg4 -b:v 8k
make 2 silent.mp4 -f lavfi -i "$picture" -map 1:v -c:v mpeg4 -b:v 8k
make 2 stream_24k.aac -ar 24000 -c:a aac -b:a 40k
make 2 left_44k.ogg -af "$left" -ar 44100 -c:a libvorbis -q:a 0
make 2 mono_8k.ogg -ar 8000 -c:a libvorbis -q:a 2
make 2 voice_20ms.opus -ar 48000 -c:a libopus -b:a 24k -application voip -frame_duration 20
make 2 left_60ms.opus -af "$left" -ar 48000 -c:a libopus -b:a 32k -frame_duration 60
make 2 short_2.5ms.ogg -ar 48000 -c:a libopus -b:a 32k -frame_duration 2.5 -application lowdelay
make 1 mono_8k.flac -ar 8000 -c:a flac -compression_level 12
make 0.2 left_24k_24bit.flac -af "$left" -ar 24000 -c:a flac -sample_fmt s32 -bits_per_raw_sample 24
make 0.5 lossless.m4a -ar 8000 -c:a alac
make 1 windows.wma -ar 16000 -c:a wmav2 -b:a 24k
make 1 matroska.webm -ar 48000 -c:a libopus -b:a 24k
