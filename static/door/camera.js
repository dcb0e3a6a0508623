// What the camera sees, as codes. The browser's own reader where it has one, else the vendored one.

const EVERY = 120; // milliseconds between two looks
const REST = 2500; // how long the same code is not told again

async function ownReader() {
  if (!("BarcodeDetector" in window)) return null;
  const known = await window.BarcodeDetector.getSupportedFormats();
  return known.includes("qr_code") ? new window.BarcodeDetector({ formats: ["qr_code"] }) : null;
}

async function vendoredReader({ reader, wasm }) {
  if (!window.BarcodeDetectionAPI) {
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = reader;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
  }
  const { BarcodeDetector, prepareZXingModule } = window.BarcodeDetectionAPI;
  prepareZXingModule({ overrides: { locateFile: () => wasm } });
  return new BarcodeDetector({ formats: ["qr_code"] });
}

/** The reader of pictures; `files` names the vendored one and its module. */
export async function makeReader(files) {
  return (await ownReader().catch(() => null)) ?? vendoredReader(files);
}

export class Camera {
  constructor(video, files, told) {
    this.video = video;
    this.files = files;
    this.told = told;
    this.stream = null;
    this.cameras = [];
    this.current = null;
    this.last = { code: "", at: 0 };
  }

  /** Begin to look: through the camera at the back, unless another is asked for. */
  async start(camera) {
    this.stop();
    const wanted = camera ? { deviceId: { exact: camera } } : { facingMode: { ideal: "environment" } };
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { ...wanted, width: { ideal: 1280 } }, audio: false });
    this.video.srcObject = this.stream;
    await this.video.play();
    this.track = this.stream.getVideoTracks()[0];
    this.current = this.track.getSettings().deviceId ?? camera ?? null;
    const devices = await navigator.mediaDevices.enumerateDevices();
    this.cameras = devices.filter((each) => each.kind === "videoinput").map((each) => each.deviceId);
    this.reader ??= await makeReader(this.files);
    this.look(this.stream);
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  get hasTorch() {
    return Boolean(this.track?.getCapabilities?.().torch);
  }

  async light(on) {
    await this.track.applyConstraints({ advanced: [{ torch: on }] });
  }

  async turn() {
    const next = (this.cameras.indexOf(this.current) + 1) % this.cameras.length;
    await this.start(this.cameras[next]);
  }

  async look(stream) {
    while (this.stream === stream) {
      if (this.video.readyState >= 2 && !document.hidden) {
        try {
          for (const { rawValue } of await this.reader.detect(this.video)) this.see(rawValue);
        } catch {
          // A picture that cannot be read; the next one comes at once.
        }
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
  }

  see(code) {
    const now = Date.now();
    const isNew = code !== this.last.code || now - this.last.at > REST;
    this.last = { code, at: now };
    if (isNew && code) this.told(code);
  }
}
