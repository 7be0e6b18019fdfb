//! A value that only our own stores hold, such as a signing key.

use mcp_launch_core::{Deadline, Secret};
use mcp_launch_rotation::{
    Bundle, Liveness, Login, Method, Predecessor, Recipe, RotationId, Rotator, RotatorError, Set,
    Successor,
};

/// Makes a new value by a recipe. Nobody outside has to be told of it, so it is in force as soon as the store has it; and
/// nobody goes on taking the one before.
pub struct Random {
    recipe: Recipe,
    field: Option<String>,
}

impl Random {
    /// Values by `recipe`, in the field `field`; without one, in the one field that the credential has.
    #[must_use]
    pub fn new(recipe: Recipe, field: Option<String>) -> Self {
        Self { recipe, field }
    }

    /// The field of `current` that is made anew.
    fn field<'a>(&'a self, current: &'a Bundle) -> Option<&'a str> {
        if let Some(field) = &self.field {
            return current.get(field).map(|_| field.as_str());
        }
        let mut fields = current.iter().map(|(name, _)| name);
        let only = fields.next()?;
        fields.next().is_none().then_some(only)
    }
}

impl Rotator for Random {
    fn method(&self) -> Method<'_> {
        Method::Set(self)
    }

    fn predecessor(&self) -> Predecessor<'_> {
        Predecessor::Dies
    }

    fn login(&self) -> Login {
        Login::Itself
    }

    /// What a store holds is what counts: there is nobody else who could refuse it.
    fn probe(&self, _value: &Bundle, _deadline: Deadline) -> Liveness {
        Liveness::Live
    }

    fn remedy(&self, error: RotatorError) -> Option<String> {
        (error == RotatorError::Failed && self.field.is_none()).then(|| {
            "the credential has several fields: name the one that is random in the address, after a #".to_owned()
        })
    }
}

impl Set for Random {
    fn create(&self, current: &Bundle) -> Result<Successor, RotatorError> {
        let field = self.field(current).ok_or(RotatorError::Failed)?;
        let new: Secret = self.recipe.make().ok_or(RotatorError::Unavailable)?;
        let fields = current.iter().map(|(name, value)| {
            let value = if name == field { &new } else { value };
            (name.to_owned(), value.again())
        });
        Ok(Successor {
            bundle: Bundle::new(fields).map_err(|_| RotatorError::Failed)?,
            handle: None,
            expires_at: None,
        })
    }

    fn set(
        &self,
        _value: &Bundle,
        _id: &RotationId,
        _login: &Bundle,
        _deadline: Deadline,
    ) -> Result<(), RotatorError> {
        Ok(())
    }
}
