import { type Clock, openOwnFolder } from '@slowlight/protocol/kit';

/**
 * Opens this process's own folder for half-made films; what processes that are gone have left goes. Other workers may have
 * the same data folder.
 */
export const openWorkFolder = (folder: string, clock: Pick<Clock, 'now'>): Promise<string> =>
  openOwnFolder(folder, clock.now());
