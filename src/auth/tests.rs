//! What the tests of all of `auth` share.

/// Fails to compile if the type has the trait.
macro_rules! has_not {
    ($type:ty: $($bound:path),+) => {$(
        const _: fn() = || {
            trait AmbiguousIfItHas<A> { fn pick() {} }
            impl<T: ?Sized> AmbiguousIfItHas<()> for T {}
            struct Has;
            impl<T: ?Sized + $bound> AmbiguousIfItHas<Has> for T {}
            let _ = <$type as AmbiguousIfItHas<_>>::pick;
        };
    )+};
}

pub(super) use has_not;
