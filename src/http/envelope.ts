/** Every success: `{"success":true,"message":"…","data":{…}}`. */
export interface Envelope<T> {
  success: true;
  message: string;
  data: T;
}

export const envelope = <T>(message: string, data: T): Envelope<T> => ({ success: true, message, data });
