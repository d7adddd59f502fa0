// Every browser has it; TypeScript 4.8 does not know it yet.
declare const DecompressionStream: new (format: "deflate") => GenericTransformStream;
