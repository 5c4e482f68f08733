import { prepareFolder } from './folder.ts';
import { type FolderLock, lockFolder, type ServerInfo } from './lock.ts';

/**
 * Announces a server whose store is elsewhere in its data folder, where commands look for it. One server of a folder is
 * announced; that a further one, or one without a folder to write to, is not, is no failure.
 */
export function announcer(folder: string, now: () => Date) {
  let lock: FolderLock | null = null;
  return {
    announce(info: ServerInfo): void {
      try {
        prepareFolder(folder);
        lock ??= lockFolder(folder, now().toISOString());
        lock.writeInfo(info);
      } catch {
        // It is reached by its address then.
      }
    },
    withdraw(): void {
      lock?.release();
      lock = null;
    },
  };
}
