//! What is rotated as one: the fields of a credential.

use mcp_launch_core::Secret;

/// The fields of one generation of a credential, such as `username` and `password`. They come into force together.
///
/// Fields that are no secret, such as a user's name, are kept like the others: an access key is one with its id.
/// A credential that has no fields, a bare token, has one field with the empty name.
///
/// ```compile_fail
/// let bundle = mcp_launch_rotation::Bundle::bare(mcp_launch_core::Secret::new(b"x".to_vec()));
/// println!("{bundle:?}");
/// ```
pub struct Bundle {
    fields: Vec<(String, Secret)>,
}

impl Bundle {
    /// A bundle of these fields, sorted by name.
    ///
    /// # Errors
    /// [`BundleError::Empty`] without a field, [`BundleError::Repeated`] when a name stands twice.
    pub fn new(fields: impl IntoIterator<Item = (String, Secret)>) -> Result<Self, BundleError> {
        let mut fields: Vec<_> = fields.into_iter().collect();
        fields.sort_by(|(one, _), (other, _)| one.cmp(other));
        if fields.is_empty() {
            return Err(BundleError::Empty);
        }
        if fields.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(BundleError::Repeated);
        }
        Ok(Self { fields })
    }

    /// A credential that is one value without fields.
    #[must_use]
    pub fn bare(value: Secret) -> Self {
        Self {
            fields: vec![(String::new(), value)],
        }
    }

    /// A bundle of fields that are sorted by name, each once, and at least one.
    pub(crate) fn of_sorted(fields: Vec<(String, Secret)>) -> Self {
        Self { fields }
    }

    /// The same once more. Named, so that no copy of a value is made in passing.
    #[must_use]
    pub fn again(&self) -> Self {
        let fields = self.iter();
        Self::of_sorted(
            fields
                .map(|(name, value)| (name.to_owned(), value.again()))
                .collect(),
        )
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value)
    }

    /// The one value of a credential without fields.
    #[must_use]
    pub fn whole(&self) -> Option<&Secret> {
        self.get("")
    }

    /// All fields, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// Whether both hold the same fields with the same bytes.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.fields.len() == other.fields.len()
            && self
                .iter()
                .zip(other.iter())
                .all(|(one, two)| one.0 == two.0 && one.1.is_same(two.1))
    }
}

/// Why fields are no bundle.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BundleError {
    /// There is no field.
    #[error("a credential without a field")]
    Empty,
    /// A field stands twice.
    #[error("a field stands twice")]
    Repeated,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> (String, Secret) {
        (name.to_owned(), Secret::new(value.as_bytes().to_vec()))
    }

    #[test]
    fn a_bundle_is_the_same_whatever_the_order_of_its_fields() {
        let one = Bundle::new([field("a", "1"), field("b", "2")]).unwrap();
        let other = Bundle::new([field("b", "2"), field("a", "1")]).unwrap();
        assert!(one.is_same(&other));
        assert!(!one.is_same(&Bundle::new([field("a", "1"), field("b", "3")]).unwrap()));
        assert!(!one.is_same(&Bundle::new([field("a", "1")]).unwrap()));
    }

    #[test]
    fn no_field_and_a_field_twice_are_refused() {
        assert_eq!(Bundle::new([]).err(), Some(BundleError::Empty));
        let twice = Bundle::new([field("a", "1"), field("a", "1")]);
        assert_eq!(twice.err(), Some(BundleError::Repeated));
    }
}
