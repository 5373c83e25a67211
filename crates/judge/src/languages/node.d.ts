// What programs may use of Node.js, without its types.
declare module "*";
declare var require: any;
declare var module: any;
declare var exports: any;
declare var process: any;
declare var Buffer: any;
declare var global: any;
