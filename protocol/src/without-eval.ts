/**
 * Schemas that compile themselves try `new Function` first, which a strict CSP forbids and reports. In a browser they are
 * told not to try; this module stands before all that hold schemas. Source: zod, "config", `jitless`.
 */
import { z } from 'zod';

if ('document' in globalThis) z.config({ jitless: true });
