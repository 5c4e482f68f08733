import type { Door } from '../door.ts';
export function unifiedRoutes(_: Door): void {}
