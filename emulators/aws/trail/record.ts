/**
 * A CloudTrail record:
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 * plus `sequence`, which grows by at least one from record to record and is taken in the same synchronous step as
 * the authorization decision, or the change, that the record is about.
 */
export interface TrailRecord {
  readonly sequence: number;
  readonly eventVersion: '1.11';
  readonly userIdentity: UserIdentity;
  /** ISO 8601, whole seconds. */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: Readonly<Record<string, unknown>> | null;
  readonly responseElements: Readonly<Record<string, unknown>> | null;
  readonly additionalEventData?: Readonly<Record<string, unknown>>;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: readonly TrailResource[];
  readonly eventType: 'AwsApiCall' | 'AwsServiceEvent';
  readonly managementEvent: true;
  /** Account that owns what the call was about. */
  readonly recipientAccountId: string;
  readonly eventCategory: 'Management';
}

export interface TrailResource {
  readonly accountId: string;
  readonly type: 'AWS::KMS::Key' | 'AWS::SecretsManager::Secret' | 'AWS::IAM::Role' | 'AWS::IAM::User';
  readonly ARN: string;
}

export type UserIdentity =
  | {
      readonly type: 'IAMUser';
      readonly principalId: string;
      readonly arn: string;
      readonly accountId: string;
      readonly accessKeyId: string;
      readonly userName: string;
    }
  | {
      readonly type: 'AssumedRole';
      readonly principalId: string;
      readonly arn: string;
      readonly accountId: string;
      readonly accessKeyId: string;
      readonly sessionContext: {
        readonly sessionIssuer: {
          readonly type: 'Role';
          readonly principalId: string;
          readonly arn: string;
          readonly accountId: string;
          readonly userName: string;
        };
        readonly attributes: { readonly creationDate: string; readonly mfaAuthenticated: 'false' };
      };
    }
  | { readonly type: 'AWSService'; readonly invokedBy: string };
