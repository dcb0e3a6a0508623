// A verdict is heard and felt as well as seen: two rising notes, one low one, or a buzz.

const NOTES = { kept: [[880, 0.09], [1320, 0.12]], unsure: [[660, 0.08]], risk: [[440, 0.16], [440, 0.16]], late: [[196, 0.45]] };
const BUZZ = { kept: [40], unsure: [30], risk: [90, 60, 90], late: [260] };

let sound;

/** Browsers let a page sound only after somebody has touched it. */
export function wake() {
  const Context = window.AudioContext ?? window.webkitAudioContext;
  if (!Context) return;
  sound ??= new Context();
  if (sound.state === "suspended") sound.resume().catch(() => {});
}

export function signal(tone) {
  navigator.vibrate?.(BUZZ[tone] ?? []);
  if (sound?.state !== "running") return;
  let at = sound.currentTime;
  for (const [pitch, length] of NOTES[tone] ?? []) {
    const note = sound.createOscillator();
    const loudness = sound.createGain();
    note.type = tone === "late" ? "sawtooth" : "sine";
    note.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.25, at);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + length);
    note.connect(loudness).connect(sound.destination);
    note.start(at);
    note.stop(at + length);
    at += length + 0.03;
  }
}
