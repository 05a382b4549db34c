import { config } from 'zod/v4/core';

/**
 * To be called in a browser before a schema is made: schemas compile themselves where `new Function` works, and look whether
 * it does. A strict CSP forbids that look and reports it.
 */
export const withoutEval = (): void => void config({ jitless: true });
