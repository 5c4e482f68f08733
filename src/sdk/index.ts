/** A client of Foreknow's own API. Uses `fetch` alone: Node, Deno, Bun, workers. Not affiliated with KnowBe4. */

export type { EventOf, EventType } from '../webhooks/event.ts';
export type { EventData } from '../webhooks/event-types.ts';
export { ApiError, type ApiErrorCode, isApiError } from './api-error.ts';
export type { Answer, Body, CallOperation, Input, OperationId, Query } from './call.ts';
export { type AccountClient, type Client, createClient } from './client.ts';
export type { FollowOptions, Portion } from './follow.ts';
export type * from './generated.ts';
export type { List } from './list.ts';
export type { DirectoryPage } from './resources/directory.ts';
export type { ProxyPage, ProxyQuery } from './resources/proxy.ts';
export type { CallOptions, ClientOptions, Fetch } from './send.ts';
