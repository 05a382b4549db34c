/** The library has no types for its light build; it is the whole one without what films do not need. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
