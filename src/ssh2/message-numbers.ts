/** SSH message numbers (RFC 4250 section 4.1.2, PROTOCOL of OpenSSH for ping and pong). */
export const message = {
  disconnect: 1,
  ignore: 2,
  unimplemented: 3,
  debug: 4,
  serviceRequest: 5,
  serviceAccept: 6,
  extInfo: 7,
  kexinit: 20,
  userauthRequest: 50,
  userauthFailure: 51,
  userauthSuccess: 52,
  userauthBanner: 53,
  userauthPkOk: 60,
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  channelWindowAdjust: 93,
  channelData: 94,
  channelExtendedData: 95,
  channelEof: 96,
  channelClose: 97,
  channelRequest: 98,
  channelSuccess: 99,
  channelFailure: 100,
  ping: 192,
  pong: 193,
} as const;

/** Reasons of SSH_MSG_DISCONNECT (RFC 4250 section 4.2.2). */
export const disconnectReason = {
  protocolError: 2,
  serviceNotAvailable: 7,
  tooManyConnections: 12,
  byApplication: 11,
  noMoreAuthMethods: 14,
} as const;

/** Reasons of SSH_MSG_CHANNEL_OPEN_FAILURE (RFC 4250 section 4.3). */
export const openFailureReason = {
  administrativelyProhibited: 1,
  connectFailed: 2,
  unknownChannelType: 3,
  resourceShortage: 4,
} as const;
