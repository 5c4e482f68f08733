export type WebhookErrorCode =
  | 'header_missing'
  | 'header_invalid'
  | 'too_old'
  | 'too_new'
  | 'signature_wrong'
  | 'secret_invalid'
  | 'body_invalid';

/** Why a delivery is not believed. Holds no secret and no body. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  readonly code: WebhookErrorCode;

  constructor(code: WebhookErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
