import type { Body, CallOperation, Query } from '../call.ts';
import { cursorList, wholeList } from '../list.ts';
import type { CallOptions } from '../send.ts';

/** Endpoints that events are pushed to. `foreknow/webhooks` verifies what arrives there. */
export const webhooksOf = (call: CallOperation) => ({
  list: (options?: CallOptions) => wholeList(() => call('listWebhooks', {}, options)),
  get: (id: string, options?: CallOptions) => call('getWebhook', { params: { id } }, options),
  /** Its secret is in this answer alone. */
  create: (body: Body<'createWebhook'>, options?: CallOptions) => call('createWebhook', { body }, options),
  update: (id: string, body: Body<'updateWebhook'>, options?: CallOptions) =>
    call('updateWebhook', { params: { id }, body }, options),
  remove: (id: string, options?: CallOptions) => call('deleteWebhook', { params: { id } }, options),
  /** Goes on where it stood when it was switched off. */
  enable: (id: string, options?: CallOptions) => call('enableWebhook', { params: { id } }, options),
  /** A new secret; the old one signs as well for a while. */
  rotateSecret: (id: string, body: Body<'rotateWebhookSecret'> = {}, options?: CallOptions) =>
    call('rotateWebhookSecret', { params: { id }, body }, options),
  /** Sends a real, signed event now. */
  test: (id: string, options?: CallOptions) => call('testWebhook', { params: { id } }, options),
  replay: (id: string, body: Body<'replayWebhook'>, options?: CallOptions) =>
    call('replayWebhook', { params: { id }, body }, options),
  deliveries: {
    list: (id: string, query: Omit<Query<'listWebhookDeliveries'>, 'cursor'> = {}, options?: CallOptions) =>
      cursorList((cursor) =>
        call(
          'listWebhookDeliveries',
          { params: { id }, query: { ...query, ...(cursor !== undefined && { cursor }) } },
          options,
        ),
      ),
    /** Every try of one delivery, with its answer. */
    attempts: (id: string, delivery: string, options?: CallOptions) =>
      call('listWebhookAttempts', { params: { id, delivery } }, options),
  },
});
