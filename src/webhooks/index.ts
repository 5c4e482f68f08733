/** For receivers of Foreknow's webhooks. Uses WebCrypto alone: Node, Deno, Bun, workers. Not affiliated with KnowBe4. */

export type { EventOf, EventType } from './event.ts';
export type { EventData } from './event-types.ts';
export {
  type Delivery,
  type VerifyOptions,
  verifyTrutoSignature,
  verifyWebhook,
  type WebhookHeaders,
} from './verify.ts';
export { WebhookError, type WebhookErrorCode } from './webhook-error.ts';
