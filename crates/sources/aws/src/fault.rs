//! What can go wrong with AWS, as a closed table: kind and text. What a network does is `Trouble`'s.

use mcp_launch_core::{SourceError, SourceErrorKind};

/// Makes the table: a line that is added has its kind and its text, or it does not compile.
macro_rules! faults {
    ($($name:ident, $kind:ident, $note:literal;)*) => {
        /// One thing that can go wrong. None holds text of an answer.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub(crate) enum Fault {
            $($name,)*
        }

        impl Fault {
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            pub(crate) const fn error(self) -> SourceError {
                let (kind, note) = match self {
                    $(Self::$name => (SourceErrorKind::$kind, $note),)*
                };
                SourceError::new(kind).note(note)
            }
        }
    };
}

faults! {
    AccessKeyUnset, Unavailable, "the access key of the settings has no value";
    Bytes, Malformed, "a field of JSON holds text, and the value is none";
    Clock, Denied, "AWS takes the request for too old or too new: this machine's clock is wrong";
    ContainerLogin, Unavailable, "the container's credentials could not be had";
    Contended, Conflict, "others write the secret all the time";
    CreateDenied, Denied, "AWS denies these credentials to create the secret";
    Decryption, Denied, "AWS could not decrypt the secret: its KMS key is disabled, deleted or not reachable";
    DeleteDenied, Denied, "AWS denies these credentials to delete the secret";
    Deleted, Unavailable, "the secret is marked for deletion";
    Denied, Denied, "AWS denies these credentials the secret";
    DescribeDenied, Denied, "AWS denies these credentials to look at the labels of the secret";
    DuplicateKey, Malformed, "a key of the secret's JSON stands twice";
    Element, Malformed, "an element of a list is not removed by itself";
    Empty, Malformed, "AWS takes no empty secret";
    Encryption, Denied, "AWS could not encrypt the secret: its KMS key is disabled, deleted or not reachable";
    EndpointPlain, Denied, "the credentials and the value would cross the network unencrypted";
    EndpointUnusable, Unavailable, "the address of an AWS endpoint cannot be used as it is written";
    Exists, Conflict, "a secret of this name is there";
    Internal, Unavailable, "AWS answered with an error of its own";
    KeyDenied, Denied, "AWS denies these credentials the KMS key of the secret";
    KeyUnknown, Denied, "AWS does not know the access key";
    Limit, Unavailable, "a limit of AWS is reached: of the versions of a secret in a day, or of secrets";
    ListDenied, Denied, "AWS denies these credentials the list of secrets";
    Login, Unavailable, "the credentials could not be had";
    LoginDenied, Denied, "AWS denies the role that the profile or the container assumes";
    LoginToken, Denied, "the web identity token is expired or not accepted";
    MetadataLogin, Unavailable, "the machine's role gave no credentials";
    MoveDenied, Denied, "AWS denies these credentials to move the label AWSCURRENT";
    NoCredentials, Unavailable, "no AWS credentials were found";
    NoField, Missing, "the secret has no such field";
    NoObject, Malformed, "the secret is JSON without fields";
    NoRandomness, Unavailable, "the system gives no random numbers";
    NoRegion, Unavailable, "no AWS region is set";
    NoSuchVersion, Missing, "the secret has no such version";
    NotFound, Missing, "AWS has no secret of this name in this account and region";
    NotJson, Malformed, "the secret is no JSON, so it has no fields";
    Null, Malformed, "the field is null";
    OldVersion, Malformed, "only the current version of a secret is written";
    ProcessLogin, Unavailable, "the credential_process of the profile failed";
    ProfileUnknown, Unavailable, "there is no such AWS profile";
    ProfileUnusable, Unavailable, "the AWS profile cannot be used as it is written";
    PutDenied, Denied, "AWS denies these credentials to write the secret";
    Redirected, Unavailable, "the answer leads to another address, which is not followed";
    Refused, Unavailable, "AWS does not take the request";
    RegionOff, Denied, "the region is not enabled for this account";
    Signature, Denied, "AWS does not accept the signature: the secret access key is wrong";
    SsoDenied, Denied, "AWS denies the SSO login the role of the profile";
    SsoExpired, Denied, "the SSO login is expired or missing";
    StandardInput, Unavailable, "the client's messages cannot be kept from the credential_process of the profile";
    Throttled, Unavailable, "AWS throttles requests, and several attempts did not get through";
    TimedOut, TimedOut, "AWS did not answer";
    TokenExpired, Denied, "the temporary credentials are expired";
    TooLong, Malformed, "AWS takes at most 65,536 bytes for a secret";
    Unexpected, Unavailable, "the answer is not one of AWS Secrets Manager";
    Within, Malformed, "the field would lie within another one of the secret";
    WriteKeyDenied, Denied, "AWS denies these credentials to write with the KMS key of the secret";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_surely_has_no_value_lets_the_next_source_answer() {
        let next: Vec<Fault> = Fault::ALL
            .iter()
            .copied()
            .filter(|fault| fault.error().lets_next_answer())
            .collect();
        assert_eq!(
            next,
            [Fault::NoField, Fault::NoSuchVersion, Fault::NotFound]
        );
    }
}
