// What emscripten's glue brings into the machine's worker (worker.js).
declare function bochs(options: object): Promise<any>;
