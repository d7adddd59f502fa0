// What stands beside the modules: uPlot, a script of its own before them, where it was to be had; and
// what main.js leaves for a console and for tests.
declare const uPlot: any;

interface Window {
  faultline: any;
}

// Every browser has it; TypeScript 4.8 does not know it yet.
declare const DecompressionStream: new (format: "deflate") => GenericTransformStream;
