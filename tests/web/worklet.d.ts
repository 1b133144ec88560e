// What a page's audio thread offers; TypeScript's DOM library leaves it out.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

// What a service worker has besides; and what the build tells it.
declare function skipWaiting(): Promise<void>;
declare const clients: { claim(): Promise<void> };
declare const SHELL: { version: string, files: string[] };
