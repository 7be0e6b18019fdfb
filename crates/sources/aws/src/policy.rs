//! What stands in a policy of IAM.

use crate::reference::Name;

/// The ARN of a secret, which is in `region` if it does not say its own. The six characters are not known from a name.
pub(crate) fn resource(name: &Name<'_>, region: Option<&str>) -> String {
    match name {
        Name::Arn(arn, text) if arn.short_name().is_some() => (*text).to_owned(),
        Name::Arn(_, text) => format!("{text}-??????"),
        Name::Plain(name) => {
            let region = region.unwrap_or("*");
            let partition = partition(region);
            format!("arn:{partition}:secretsmanager:{region}:*:secret:{name}-??????")
        }
    }
}

/// The partition of a region, by its name.
fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// What to do where `action` is denied.
pub(crate) fn allow(action: &str, resource: &str) -> String {
    let action = format!(r#""{action}""#);
    format!("allow it in IAM: {}", statement(&action, resource))
}

/// `actions` as JSON has them.
pub(crate) fn statement(actions: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":"{resource}"}}"#)
}
