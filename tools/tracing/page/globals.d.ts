// What stands beside the modules: uPlot and d3, scripts of their own before them, where they were to be had; and
// what main.js leaves for a console and for tests.
declare const uPlot: any;

// Of d3 only this much: each of a selection's methods takes values, or functions of what is bound, and gives a selection.
type Given = string | number | boolean | null | object | ((this: any, datum: any, ...more: any[]) => any);
interface Selected {
  [method: string]: (...given: Given[]) => Selected;
}
declare const d3: { select(what: Element): Selected };

interface Window {
  faultline: any;
}

// Every browser has it; TypeScript 4.8 does not know it yet.
declare const DecompressionStream: new (format: "deflate") => GenericTransformStream;
