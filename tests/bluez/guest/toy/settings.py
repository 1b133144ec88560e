"""What can be asked of a toy: how it is, and how it misbehaves."""

SETTINGS = {
    # identity and radio
    "address": "C0:FF:EE:00:00:01",  # random static
    "name": "CloudPets B 1.0.19",
    "config": "0411_23_16_05_09",  # config identifier; '' = factory-new
    "name_in_adv": False,  # True: name in the advertisement, config identifier in the scan response
    "rssi": -50,
    "mtu": 23,  # ATT MTU the toy agrees to
    "adv_ms": 100,
    "sleep_after": 0,  # seconds left alone until it falls asleep, 0 = never
    "missing": [],  # as the fault of this name, from the start
    "oad": True,  # offer the firmware update service (every write to it is a violation)
    # upload
    "grants": [1024, 512],  # credit given, in turn; the last one repeats
    "low_water": 256,  # give more when this much or less is left
    "grant_delay_ms": 0,  # wait before every credit but the first
    "grant_past_end": 0,  # so many more credits than the clip needs
    "early_credit": False,  # first credit in state 9, before state 3
    "prime_ms": 30,  # time spent in state 9
    "capacity": 81920,  # bytes per slot
    "overrun": "drop",  # bytes beyond the credit: drop | keep | abort (always a violation)
    "strict_fill": False,  # True: credit left unfilled at `01` fails the upload
    "transferred": "saturate",  # u16 counter beyond 65535: saturate | wrap
    "key_refused_ms": 500,  # from state 15 back to 1; 0 = stay in 15
    "quiet_ms": 250,  # a new procedure sooner than this after an upload is a violation
    # download
    "notify_ms": 7.5,  # one connection event
    "notify_per_event": 1,
    "announce": "read",  # state 4 on connecting: read | notify | both
    # playing, recording, paws
    "time_scale": 1.0,  # multiplies the length of playbacks, loops and recordings
    "press_ms": 100,  # game mode: from state 18/19 back; 0 = stay
    "stop_loop_blip": False,  # stopping a loop that does not run reports 5, 1
    "record_file": "",  # what the microphone hears ('' = silence)
    "record_max_s": 40,
    "state_extra": "",  # hex: more bytes after the state (the hub must ignore them)
}
FAULTS = {
    "silent_after": "says nothing at all after n bytes of a transfer, until the link ends or the fault is cleared",
    "disconnect_after": "drops the link after n bytes of a transfer",
    "give_up_after": "requested = 0 after n bytes of an upload",
    "refuse_key": "state 15 although the key is right",
    "transferred_zero": "ends an upload with transferred = 0",
    "unknown_state": "this value is reported before every real state",
    "credit1": "credit comes one byte at a time",
    "drop_every": "every k-th audio notification of a download is lost",
    "missing": "numbers of characteristics that do not exist; [0] = no toy service at all (drops the link; "
    "remove the device from BlueZ before connecting again)",
    "slow_ms": "every request is handled, and every credit given, this much later",
    "drop_on_connect": "drops the link n ms after it was made (0 crashes kernel 6.1)",
}
