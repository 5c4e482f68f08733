import type { Door } from '../door.ts';
export function peopleRoutes(_: Door): void {}
