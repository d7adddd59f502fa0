// xterm.js, a script of its own before the modules, where it was to be had; and what main.js leaves for tests.
declare const Terminal: any;

interface Window {
  playground: any;
  faultline: any; // what the page in the frame leaves
}

// Every browser has it; TypeScript 4.8 does not know it yet.
declare const CompressionStream: new (format: "deflate") => GenericTransformStream;
declare const DecompressionStream: new (format: "deflate") => GenericTransformStream;
interface Navigator { userActivation?: { hasBeenActive: boolean } } // TypeScript 4.8 does not know it
