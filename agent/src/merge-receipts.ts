import type { Receipt } from '@slowlight/protocol';

/** Several receipts say together what their sum says. Pure. */
export function mergeReceipts(receipts: readonly Receipt['body'][]): Receipt['body'] {
  const missing = receipts.flatMap((one) => one.missing ?? []);
  return {
    ...(missing.length > 0 && { missing }),
    recordedUpTo: Math.max(0, ...receipts.map((one) => one.recordedUpTo)),
    recordedAlso: receipts.flatMap((one) => one.recordedAlso),
    forget: receipts.flatMap((one) => one.forget),
    refused: receipts.flatMap((one) => one.refused),
    serverTime: Math.max(0, ...receipts.map((one) => one.serverTime)),
  };
}
